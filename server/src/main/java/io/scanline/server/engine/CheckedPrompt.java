package io.scanline.server.engine;

/**
 * A text to draw, as the model reads it.
 *
 * @param ids its token ids, special ones included
 * @param unknown how many of them stand for what the model does not know
 * @param guidance g in use: values are drawn from u + g (c - u), and of c alone if it is 1
 */
public record CheckedPrompt(int[] ids, int unknown, float guidance) {
    /** Whether each of its images is computed twice, once given the text and once given the empty one. */
    boolean guided() {
        return guidance != 1;
    }
}
