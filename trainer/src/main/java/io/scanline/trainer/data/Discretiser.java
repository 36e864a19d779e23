package io.scanline.trainer.data;

/**
 * Turns 8-bit intensities into the levels that a model sees. Where that is random, what a training sees of an image
 * changes from step to step, and what a figure is reported on does not.
 */
public interface Discretiser {
    /** Number of levels of a value, 2 to 256. */
    int levels();

    /** How test images get their levels, in words that follow "images". */
    String protocol();

    /**
     * Some images as a training sees them at a step: a function of its arguments alone, so that a resumed training, or
     * a worker with a share of the images, sees what any other would.
     *
     * @param intensities 8-bit images
     * @param indices of the images, in the order of the result
     * @param step of the training, 0 or more
     */
    ImageSet at(int step, ImageSet intensities, int[] indices);

    /**
     * All images, the same at every call: for test and validation, and for counting.
     *
     * @param intensities 8-bit images
     */
    ImageSet fixed(ImageSet intensities);

    /** Both parts of a data set, fixed. */
    default TrainTest fixed(TrainTest intensities) {
        return new TrainTest(fixed(intensities.training()), fixed(intensities.test()));
    }

    /** Both parts of a training set, fixed. */
    default Holdout fixed(Holdout intensities) {
        return new Holdout(fixed(intensities.training()), fixed(intensities.validation()));
    }
}
