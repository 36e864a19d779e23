package io.scanline.trainer.training;

import java.util.Random;

/**
 * Order in which training images are seen: a new shuffle every epoch, a function of the seed and the step alone, so that a
 * resumed training sees what an uninterrupted one would have seen.
 */
final class ImageOrder {
    private final int images;
    private final int batch;
    private final long seed;
    private int[] shuffled;
    private int shuffledEpoch = -1;

    ImageOrder(int images, int batch, long seed) {
        if (batch > images) {
            throw new IllegalArgumentException("a batch of " + batch + " from " + images + " images");
        }
        this.images = images;
        this.batch = batch;
        this.seed = seed;
    }

    /** Indices of the images of a step. */
    int[] at(int step) {
        int stepsPerEpoch = images / batch;
        shuffle(step / stepsPerEpoch);
        int[] indices = new int[batch];
        System.arraycopy(shuffled, step % stepsPerEpoch * batch, indices, 0, batch);
        return indices;
    }

    private void shuffle(int epoch) {
        if (epoch == shuffledEpoch) {
            return;
        }
        Random random = new Random(seed * 1_000_003 + epoch);
        shuffled = new int[images];
        for (int i = 0; i < images; i++) { // Fisher-Yates, inside out
            int other = random.nextInt(i + 1);
            shuffled[i] = shuffled[other];
            shuffled[other] = i;
        }
        shuffledEpoch = epoch;
    }
}
