package io.scanline.cli.image;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.List;

/** Several images of one size and type in one, row by row in an almost square grid. */
public final class ContactSheet {
    private static final int GAP = 2;
    private static final int GAP_INTENSITY = 64;

    private ContactSheet() {}

    /**
     * The sheet; a single image is its own sheet.
     *
     * @param images at least one, all of one size and type
     */
    public static BufferedImage of(List<BufferedImage> images) {
        BufferedImage first = images.get(0);
        if (images.size() == 1) {
            return first;
        }
        int columns = (int) Math.ceil(Math.sqrt(images.size()));
        int rows = (images.size() + columns - 1) / columns;
        int stepX = first.getWidth() + GAP;
        int stepY = first.getHeight() + GAP;
        BufferedImage sheet = new BufferedImage(columns * stepX - GAP, rows * stepY - GAP, first.getType());
        WritableRaster raster = sheet.getRaster();
        if (!first.getColorModel().hasAlpha()) {
            fill(raster);
        }
        for (int i = 0; i < images.size(); i++) {
            raster.setRect(i % columns * stepX, i / columns * stepY, images.get(i).getRaster());
        }
        return sheet;
    }

    private static void fill(WritableRaster raster) {
        for (int y = 0; y < raster.getHeight(); y++) {
            for (int x = 0; x < raster.getWidth(); x++) {
                for (int band = 0; band < raster.getNumBands(); band++) {
                    raster.setSample(x, y, band, GAP_INTENSITY);
                }
            }
        }
    }
}
