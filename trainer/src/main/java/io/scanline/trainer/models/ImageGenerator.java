package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.ops.Ops;
import java.util.Optional;

/** A network that only draws: its latents are independent normal numbers, and nothing leads from images back to them. */
public interface ImageGenerator extends ImageNetwork {
    /** D, numbers of a latent. */
    int latentSize();

    /**
     * The images of latents.
     *
     * @param latent (B, D)
     * @param label int64 (B), if the network knows of classes
     * @return (B, C, H, W): intensities in [0, 1]
     */
    <T> T draw(Ops<T> ops, T latent, Optional<T> label);

    /** As bundles describe it: a picture and no distribution of values. */
    default LatentSpace latent() {
        return LatentSpace.newBuilder()
                .setKind(LatentKind.LATENT_KIND_GAUSSIAN)
                .addShape(latentSize())
                .build();
    }
}
