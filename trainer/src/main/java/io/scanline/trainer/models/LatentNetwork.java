package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.ops.Ops;
import java.util.Map;

/** A network that turns images into latents and latents into images. Tensors have the names that bundle.proto gives them. */
public interface LatentNetwork extends ImageNetwork {
    /** Its latents, and how values are distributed given one. */
    LatentSpace latent();

    /**
     * What the encoder says of images.
     *
     * @param image (B, C, H, W): intensities in [0, 1]
     * @return latent (B, D); or mean and log_variance (B, D); or tokens int64 (B, h, w)
     */
    <T> Map<String, T> encode(Ops<T> ops, T image);

    /**
     * What the decoder says of latents.
     *
     * @param latent (B, D), or int64 (B, h, w)
     * @return image (B, C, H, W) and, by the kind of observation, logits or log_deviation of that shape
     */
    <T> Map<String, T> decode(Ops<T> ops, T latent);

    /** The size of its images. */
    default Planes planes() {
        return new Planes(shape().channels(), shape().height(), shape().width());
    }
}
