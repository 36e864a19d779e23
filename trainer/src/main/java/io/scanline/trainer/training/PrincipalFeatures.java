package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import java.util.Optional;

/**
 * Principal components of intensities as features: what is there when no classifier is. They see brightness and shape,
 * and hardly any detail.
 *
 * @param components of the training images
 */
public record PrincipalFeatures(PrincipalComponents components) implements ImageFeatures {
    private static final int MOST = 64;

    /** Up to 64 of these images. */
    public static PrincipalFeatures of(ImageSet training) {
        return new PrincipalFeatures(
                PrincipalComponents.of(training, Math.min(MOST, training.valuesPerImage())));
    }

    @Override
    public String name() {
        return components.components().length + " principal components of the training images' intensities";
    }

    @Override
    public Described describe(ImageSet images) {
        return new Described(components.coordinates(images), Optional.empty());
    }
}
