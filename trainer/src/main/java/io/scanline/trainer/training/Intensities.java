package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Images as networks take them. */
final class Intensities {
    private Intensities() {}

    /** Intensities in [0, 1], level / (levels - 1): (B, C, H, W). The tensor belongs to the caller's PointerScope. */
    static Tensor of(ImageSet images) {
        byte[] levels = images.values();
        float highest = images.levels() - 1;
        float[] intensities = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            intensities[i] = (levels[i] & 0xFF) / highest;
        }
        return torch.tensor(intensities)
                .reshape(images.size(), images.height(), images.width(), images.channels())
                .permute(0, 3, 1, 2)
                .contiguous();
    }

    /**
     * What is to be seen of pictures, as discriminators are shown them: with transparency, colours times alpha, and alpha.
     *
     * @param images (B, C, H, W), with 4 channels red, green, blue and alpha
     */
    static Tensor visible(Tensor images) {
        if (images.size(1) != 4) {
            return images;
        }
        Tensor alpha = images.narrow(1, 3, 1);
        return torch.cat(new TensorVector(images.narrow(1, 0, 3).mul(alpha), alpha), 1);
    }
}
