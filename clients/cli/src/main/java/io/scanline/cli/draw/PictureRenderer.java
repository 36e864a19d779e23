package io.scanline.cli.draw;

import io.scanline.cli.image.Picture;
import java.util.List;

/** Turns a picture into lines of text: one column for every pixel, one line for every two rows. */
public interface PictureRenderer {
    /** The lines of this picture; each stands for itself and leaves no colour set behind. */
    List<String> lines(Picture picture);

    /** The renderer of this mode. */
    static PictureRenderer of(ColorMode mode) {
        return switch (mode) {
            case TRUECOLOR -> new HalfBlockRenderer(HalfBlockRenderer::truecolor);
            case PALETTE -> new HalfBlockRenderer(rgb -> "5;" + XtermPalette.nearest(rgb));
            case PLAIN -> new ShadeRenderer();
        };
    }

    /** Lines that a picture of this height takes. */
    static int height(Picture picture) {
        return (picture.height() + 1) / 2;
    }
}
