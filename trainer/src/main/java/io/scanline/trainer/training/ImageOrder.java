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
        if (images < 1) {
            throw new IllegalArgumentException("no images to order");
        }
        this.images = images;
        this.batch = batch;
        this.seed = seed;
    }

    /** Indices of the images of a step; of fewer images than a batch needs, some are in it several times. */
    int[] at(int step) {
        int[] indices = new int[batch];
        if (batch <= images) {
            // The images that do not fill a batch at the end of an epoch are left out of it.
            int stepsPerEpoch = images / batch;
            shuffle(step / stepsPerEpoch);
            System.arraycopy(shuffled, step % stepsPerEpoch * batch, indices, 0, batch);
        } else {
            for (int i = 0; i < batch; i++) {
                long seen = (long) step * batch + i;
                shuffle((int) (seen / images));
                indices[i] = shuffled[(int) (seen % images)];
            }
        }
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
