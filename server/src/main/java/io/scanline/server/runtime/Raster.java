package io.scanline.server.runtime;

/**
 * How positions lie in an image: row by row from the top, left to right, channel by channel.
 *
 * @param columns pixels of a row, W
 * @param channels values of a pixel
 */
public record Raster(int columns, int channels) {
    /** Column of the pixel of a position. */
    int column(int position) {
        return position / channels % columns;
    }

    /** Row of the pixel of a position. */
    int row(int position) {
        return position / channels / columns;
    }

    /** Whether a position is the first one of a row. */
    public boolean beginsRow(int position) {
        return position % (columns * channels) == 0;
    }
}
