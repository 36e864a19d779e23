package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Maximum likelihood of every value given those before it.
 *
 * @param network trained
 */
record NextValue(AutoregressiveNetwork network) implements Objective {
    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        Batch batch = Batch.of(network, images);
        Tensor logits;
        try (Precision.Scope scope = precision.enter()) {
            logits = batch.logits(network, ops);
        }
        return cross_entropy(logits.to(ScalarType.Float).reshape(-1, network.shape().levels()), batch.target());
    }
}
