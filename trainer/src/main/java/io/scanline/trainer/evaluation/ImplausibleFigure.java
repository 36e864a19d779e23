package io.scanline.trainer.evaluation;

import java.io.IOException;

/** A figure that must not be reported as a result. */
public final class ImplausibleFigure extends IOException {
    private static final long serialVersionUID = 1;

    ImplausibleFigure(String why) {
        super(why);
    }
}
