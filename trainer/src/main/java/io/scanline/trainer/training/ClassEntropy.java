package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Cross entropy of the classes of images.
 *
 * @param network trained
 */
record ClassEntropy(VisionTransformer network) implements Objective {
    private static final int MEAN = 1; // of libtorch's ways to reduce
    private static final int NONE_IGNORED = -100;

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        Tensor logits;
        try (Precision.Scope scope = precision.enter()) {
            logits = network.classify(ops, Intensities.of(images)).logits();
        }
        Tensor labels = torch.tensor(Arrays.stream(images.labels()).asLongStream().toArray());
        return cross_entropy_loss(
                logits.to(ScalarType.Float), labels, new TensorOptional(), MEAN, NONE_IGNORED, network.smoothing());
    }

    @Override
    public boolean likelihood() {
        return false;
    }
}
