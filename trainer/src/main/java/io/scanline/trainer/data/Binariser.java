package io.scanline.trainer.data;

import io.scanline.contract.CounterRandom;
import java.util.function.IntUnaryOperator;

/**
 * Dynamic Bernoulli binarisation: a value is 1 with probability intensity / 255, drawn afresh every time that an image
 * is used in training, as in Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders" (arXiv:1509.00519).
 *
 * <p>A value's uniform number is that of {@link CounterRandom} for (seed, image index, value index, step), so that a
 * draw depends on nothing else. Thresholding at one half is left out on purpose: it removes the noise that the published
 * likelihoods pay for, and figures on such images compare with nothing.
 *
 * @param seed of the draws for training
 */
public record Binariser(long seed) implements Discretiser {
    /** Seed of the one draw of test and validation images, whatever the seed of the training: figures must compare. */
    public static final long FIXED_SEED = 150_900_519;
    /** Takes the place of the step in the fixed draw; no training step has this number. */
    private static final int FIXED_STEP = -1;

    @Override
    public int levels() {
        return 2;
    }

    @Override
    public String protocol() {
        return "binarised by one draw with probability value / 255, seed " + FIXED_SEED;
    }

    @Override
    public ImageSet at(int step, ImageSet intensities, int[] indices) {
        return draw(intensities.select(indices), seed, n -> indices[n], step);
    }

    /** The draw with {@link #FIXED_SEED}; an image's draw depends on its index in this set. */
    @Override
    public ImageSet fixed(ImageSet intensities) {
        return draw(intensities, FIXED_SEED, n -> n, FIXED_STEP);
    }

    private static ImageSet draw(ImageSet chosen, long seed, IntUnaryOperator index, int step) {
        byte[] levels = new byte[chosen.values().length];
        int length = chosen.valuesPerImage();
        for (int n = 0; n < chosen.size(); n++) {
            int image = index.applyAsInt(n);
            for (int i = 0; i < length; i++) {
                int intensity = chosen.values()[n * length + i] & 0xFF;
                // Black and white are certain, and most of MNIST is black: no number needs to be drawn for them.
                boolean one = intensity == 255
                        || intensity > 0 && CounterRandom.uniform(seed, image, i, step) * 255 < intensity;
                levels[n * length + i] = (byte) (one ? 1 : 0);
            }
        }
        return chosen.withLevels(levels, 2);
    }
}
