package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.mse_loss;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Autoencoder;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Mean squared difference between intensities and their reconstruction.
 *
 * @param network trained
 */
record SquaredError(Autoencoder network) implements Objective {
    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        Tensor image = Intensities.of(images);
        Tensor decoded;
        try (Precision.Scope scope = precision.enter()) {
            decoded = network.decode(ops, network.encode(ops, image).get("latent")).get("image");
        }
        return mse_loss(decoded.to(ScalarType.Float), image);
    }

    @Override
    public boolean likelihood() {
        return false;
    }
}
