package io.scanline.server.engine;

/** Something to look at: an image or a text. */
public sealed interface EmbedInput {
    /**
     * A picture file of any size.
     *
     * @param file its content
     */
    record Picture(byte[] file) implements EmbedInput {}

    /**
     * An image of the model's geometry.
     *
     * @param values all of its levels in raster order
     */
    record Values(byte[] values) implements EmbedInput {}

    /**
     * A text.
     *
     * @param text may be empty
     */
    record Text(String text) implements EmbedInput {}
}
