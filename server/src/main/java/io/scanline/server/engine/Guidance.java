package io.scanline.server.engine;

/**
 * Classifier-free guidance (J. Ho and T. Salimans, Classifier-Free Diffusion Guidance, 2022, Eq. 6 with g = 1 + w), on logits
 * instead of scores. Every level by itself, in float32 and in this order: the difference c - u, times g, plus u; where c and u
 * are equal it is u, so that a level that neither allows (minus infinity) is not allowed.
 */
final class Guidance {
    private final float[] mixed;

    Guidance(int levels) {
        this.mixed = new float[levels];
    }

    /**
     * Mixes two distributions; the answer is overwritten by the next call.
     *
     * @param given where in the logits those given the text begin, c
     * @param empty where those given the empty text begin, u
     * @param guidance g
     */
    float[] mix(float[] logits, int given, int empty, float guidance) {
        for (int level = 0; level < mixed.length; level++) {
            float c = logits[given + level];
            float u = logits[empty + level];
            mixed[level] = c == u ? u : u + guidance * (c - u);
        }
        return mixed;
    }
}
