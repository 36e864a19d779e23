package io.scanline.trainer.data;

import io.scanline.bundle.v1.PictureFit;
import io.scanline.contract.FittedPicture;
import io.scanline.contract.PixelRows;

/**
 * A small square picture.
 *
 * @param edge columns and rows
 * @param rgba (edge, edge, 4) 8-bit red, green, blue and straight alpha; a wholly transparent pixel is all zeros
 */
record SquarePicture(int edge, byte[] rgba) {
    /** The middle square of a picture at another size, as {@link FittedPicture} averages it. */
    static SquarePicture of(PixelRows picture, int edge) {
        return new SquarePicture(
                edge, FittedPicture.of(picture, edge, edge, PictureFit.PICTURE_FIT_COVER).rgba());
    }

    /** Whether something can be seen through it. */
    boolean transparent() {
        return new FittedPicture(edge, edge, rgba).transparent();
    }

    /** Whether some pixel is not grey. */
    boolean coloured() {
        return new FittedPicture(edge, edge, rgba).coloured();
    }
}
