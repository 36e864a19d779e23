package io.scanline.cli.image;

import com.google.protobuf.ByteString;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.Geometry;
import io.scanline.v1.Started;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageIO;

/** A picture to look at: 8-bit RGB, some pixels of which may not be decided yet. Never changes. */
public final class Picture {
    /** Stands for a pixel that is not decided. */
    public static final int UNDECIDED = -1;

    /** What shows through transparent pixels. */
    private static final int BACKDROP = 0x30;

    private final int width;
    private final int height;
    /** Row by row, 0xRRGGBB or UNDECIDED. */
    private final int[] rgb;

    /**
     * A picture of these pixels.
     *
     * @param rgb width * height entries row by row, each 0xRRGGBB or {@link #UNDECIDED}
     */
    public Picture(int width, int height, int[] rgb) {
        if (rgb.length != width * height) {
            throw new IllegalArgumentException(rgb.length + " pixels for " + width + "x" + height);
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb.clone();
    }

    /**
     * What the first values of an image look like. A pixel counts as decided when all its channels are.
     *
     * @param values level indices in raster order
     * @param decided how many of them are known
     */
    public static Picture ofLevels(Geometry geometry, byte[] values, int decided) {
        int channels = geometry.getChannels();
        ByteString intensities = geometry.getLevelValues();
        int[] rgb = new int[geometry.getWidth() * geometry.getHeight()];
        Arrays.fill(rgb, UNDECIDED);
        int[] pixel = new int[channels];
        for (int i = 0; i < decided / channels; i++) {
            for (int c = 0; c < channels; c++) {
                pixel[c] = intensities.byteAt(values[i * channels + c] & 0xFF) & 0xFF;
            }
            rgb[i] = channels == 1 ? pixel[0] * 0x010101 : pack(pixel, channels == 4 ? pixel[3] : 0xFF);
        }
        return new Picture(geometry.getWidth(), geometry.getHeight(), rgb);
    }

    /**
     * What the first codes of an image look like before it is made of them: each its share of the picture, grey from
     * black for code 0 to white for the last one of the codebook.
     *
     * @param started shape of the image and of the grid
     * @param codes row by row
     * @param decided how many of them are known
     */
    public static Picture ofCodes(Started started, byte[] codes, int decided) {
        Geometry geometry = started.getGeometry();
        CodeGrid grid = started.getCodes();
        int[] rgb = new int[geometry.getWidth() * geometry.getHeight()];
        for (int i = 0; i < rgb.length; i++) {
            int row = i / geometry.getWidth() * grid.getRows() / geometry.getHeight();
            int column = i % geometry.getWidth() * grid.getColumns() / geometry.getWidth();
            int index = row * grid.getColumns() + column;
            rgb[i] = index < decided ? (codes[index] & 0xFF) * 255 / (grid.getCodes() - 1) * 0x010101 : UNDECIDED;
        }
        return new Picture(geometry.getWidth(), geometry.getHeight(), rgb);
    }

    /**
     * What a preview looks like; its transparent pixels are not decided.
     *
     * @throws IOException when it is not a PNG
     */
    public static Picture ofPreview(byte[] png) throws IOException {
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        if (image == null) {
            throw new IOException("not a PNG");
        }
        int[] rgb = new int[image.getWidth() * image.getHeight()];
        for (int i = 0; i < rgb.length; i++) {
            int[] pixel = PixelReader.rgba(image, i % image.getWidth(), i / image.getWidth());
            rgb[i] = pixel[3] == 0 ? UNDECIDED : pack(pixel, pixel[3]);
        }
        return new Picture(image.getWidth(), image.getHeight(), rgb);
    }

    private static int pack(int[] pixel, int alpha) {
        int packed = 0;
        for (int c = 0; c < 3; c++) {
            packed = packed << 8 | (pixel[c] * alpha + BACKDROP * (255 - alpha) + 127) / 255;
        }
        return packed;
    }

    /** Columns. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** The pixel of this column and row: 0xRRGGBB or {@link #UNDECIDED}. */
    public int at(int x, int y) {
        return rgb[y * width + x];
    }

    /** The same picture with every square of factor * factor pixels averaged; undecided ones do not count. */
    public Picture shrunk(int factor) {
        if (factor == 1) {
            return this;
        }
        int columns = (width + factor - 1) / factor;
        int rows = (height + factor - 1) / factor;
        int[] small = new int[columns * rows];
        for (int i = 0; i < small.length; i++) {
            small[i] = average(i % columns * factor, i / columns * factor, factor);
        }
        return new Picture(columns, rows, small);
    }

    private int average(int left, int top, int size) {
        int[] sums = new int[3];
        int count = 0;
        for (int y = top; y < Math.min(top + size, height); y++) {
            for (int x = left; x < Math.min(left + size, width); x++) {
                int pixel = at(x, y);
                if (pixel != UNDECIDED) {
                    count++;
                    sums[0] += pixel >> 16;
                    sums[1] += pixel >> 8 & 0xFF;
                    sums[2] += pixel & 0xFF;
                }
            }
        }
        return count == 0 ? UNDECIDED : sums[0] / count << 16 | sums[1] / count << 8 | sums[2] / count;
    }
}
