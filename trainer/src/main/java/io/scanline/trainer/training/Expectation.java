package io.scanline.trainer.training;

import java.io.IOException;

/**
 * What a recipe says of its outcome; it decides nothing.
 *
 * @param minutes of training on two cores; absent: not known
 * @param figure what was measured of a model that was trained by it, with its unit; absent: not run
 */
public record Expectation(Double minutes, String figure) {
    /** Nothing is known. */
    static final Expectation NONE = new Expectation(null, null);

    void check() throws IOException {
        if (minutes != null && !(minutes > 0) || figure != null && figure.isBlank()) {
            throw new IOException("a recipe needs minutes above 0 and a figure as what is expected, or neither");
        }
    }
}
