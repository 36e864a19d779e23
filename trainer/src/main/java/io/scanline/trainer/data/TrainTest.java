package io.scanline.trainer.data;

/**
 * A data set with its official split.
 *
 * @param training images to learn from
 * @param test images to report figures on, never to choose by
 */
public record TrainTest(ImageSet training, ImageSet test) {}
