package io.scanline.contract;

/**
 * Uniform numbers that depend on nothing but (seed, image index, position, channel): the counter-based generator
 * Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
 *
 * <p>The key is the seed, the counter is (image index, position, channel, 0), or (image index, component, draw, 1) for
 * normal numbers, so that the two never share a block. Because no state is carried from one number to the next, a value
 * of an image gets the same number whatever was drawn before it, wherever and by whom.
 */
public final class CounterRandom {
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private CounterRandom() {}

    /** Uniform on [0, 1) with 53 random bits. */
    public static double uniform(long seed, int imageIndex, int position, int channel) {
        int[] words = philox(imageIndex, position, channel, 0, (int) seed, (int) (seed >>> 32));
        return unit(words[0], words[1]);
    }

    /**
     * Standard normal: sqrt(-2 ln(1 - u)) cos(2 pi v) of Box and Muller (1958) with two uniform numbers on [0, 1) of the
     * same block: u of its words 0 and 1, v of its words 2 and 3. Computed by {@link StrictMath}, so that it is the same
     * on every JVM and CPU; at most 8.6 from 0.
     *
     * @param component component of a latent
     * @param draw which latent of the image, from 0
     */
    public static double normal(long seed, int imageIndex, int component, int draw) {
        int[] words = philox(imageIndex, component, draw, 1, (int) seed, (int) (seed >>> 32));
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - unit(words[0], words[1])));
        return radius * StrictMath.cos(2 * StrictMath.PI * unit(words[2], words[3]));
    }

    /** The upper 53 of 64 bits as a number on [0, 1). */
    private static double unit(int high, int low) {
        return (((long) high << 32 | low & 0xFFFFFFFFL) >>> 11) * 0x1.0p-53;
    }

    /** One block of Philox4x32-10: four words from a counter of four and a key of two. */
    static int[] philox(int c0, int c1, int c2, int c3, int k0, int k1) {
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = (MULTIPLIER_0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
            long product1 = (MULTIPLIER_1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        return new int[] {c0, c1, c2, c3};
    }
}
