package io.scanline.server.engine;

/** What a graph is shown. */
sealed interface Shown {
    /**
     * An image.
     *
     * @param levels all of its levels in raster order
     */
    record Image(byte[] levels) implements Shown {}

    /**
     * A text.
     *
     * @param ids its token ids, filling left out; at least one
     */
    record Tokens(int[] ids) implements Shown {}
}
