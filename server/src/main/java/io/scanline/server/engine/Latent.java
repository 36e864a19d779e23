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
    record Tokens(int[] codes) implements Latent {
        /** Codes of one byte each, as they are drawn. */
        static Tokens ofBytes(byte[] drawn) {
            int[] codes = new int[drawn.length];
            for (int i = 0; i < drawn.length; i++) {
                codes[i] = drawn[i] & 0xFF;
            }
            return new Tokens(codes);
        }

        /** One byte for every code; only where there are at most 256 of them. */
        byte[] toBytes() {
            byte[] drawn = new byte[codes.length];
            for (int i = 0; i < codes.length; i++) {
                drawn[i] = (byte) codes[i];
            }
            return drawn;
        }
    }
}
