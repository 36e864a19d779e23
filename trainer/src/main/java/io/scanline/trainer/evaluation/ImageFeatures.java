package io.scanline.trainer.evaluation;

import io.scanline.trainer.data.ImageSet;
import java.util.Optional;

/** Numbers that say what is on images, by which many of them are compared with many others. */
public interface ImageFeatures {
    /** Where the numbers come from, as protocols quote it. */
    String name();

    /**
     * What is said of images.
     *
     * @param features (images, width)
     * @param classes that each image is judged to be of; empty when the features know of no classes
     */
    record Described(double[][] features, Optional<int[]> classes) {}

    /** Describes images that have the levels of the model that is measured. */
    Described describe(ImageSet images);
}
