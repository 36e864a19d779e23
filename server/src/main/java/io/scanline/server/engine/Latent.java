package io.scanline.server.engine;

/** A latent of one image. */
public sealed interface Latent {
    /**
     * A vector.
     *
     * @param values its D components
     */
    record Vector(float[] values) implements Latent {}

    /**
     * A normal distribution with independent components; for a decoder it stands for its mean.
     *
     * @param mean D means
     * @param variance D variances; not read by a decoder
     */
    record Gaussian(float[] mean, float[] variance) implements Latent {}

    /**
     * A grid of codes.
     *
     * @param codes row by row
     */
    record Tokens(int[] codes) implements Latent {}
}
