package io.scanline.cli.image;

import com.google.protobuf.ByteString;
import io.scanline.v1.Geometry;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Between level indices, as they travel, and images with the 8-bit intensities of these levels. */
public final class LevelImages {
    /** From here on a pixel of a mask counts as bright, and as opaque. */
    private static final int BRIGHT = 128;

    private LevelImages() {}

    /**
     * The image of these values: grey, RGB or RGBA with 8 bits per channel.
     *
     * @param values level indices in raster order; width * height * channels
     */
    public static BufferedImage toImage(Geometry geometry, byte[] values) {
        int channels = geometry.getChannels();
        int type = switch (channels) {
            case 1 -> BufferedImage.TYPE_BYTE_GRAY;
            case 3 -> BufferedImage.TYPE_3BYTE_BGR;
            case 4 -> BufferedImage.TYPE_4BYTE_ABGR;
            default -> throw new IllegalArgumentException(channels + " channels");
        };
        BufferedImage image = new BufferedImage(geometry.getWidth(), geometry.getHeight(), type);
        WritableRaster raster = image.getRaster();
        ByteString intensities = geometry.getLevelValues();
        for (int i = 0; i < values.length; i++) {
            int pixel = i / channels;
            // Samples go past the colour model, which would apply a gamma curve to grey.
            raster.setSample(
                    pixel % geometry.getWidth(),
                    pixel / geometry.getWidth(),
                    i % channels,
                    intensities.byteAt(values[i] & 0xFF) & 0xFF);
        }
        return image;
    }

    /**
     * The first rows of a PNG as level indices in raster order, every value by the level of the nearest intensity.
     * A grey model sees the luma of a colour picture.
     *
     * @param rows 1 to the height of the model's images
     * @throws IOException when the file cannot be read, is no PNG, or does not have the model's width or enough rows
     */
    public static byte[] readRows(Path file, Geometry geometry, int rows) throws IOException {
        BufferedImage image = read(file);
        if (image.getWidth() != geometry.getWidth() || image.getHeight() < rows) {
            throw new IOException(file + ": is " + image.getWidth() + "x" + image.getHeight() + ", needed are "
                    + geometry.getWidth() + " columns and " + rows + " rows");
        }
        return levels(image, geometry, rows);
    }

    /**
     * A whole PNG as level indices; see {@link #readRows}.
     *
     * @throws IOException also when its size is not that of the model's images
     */
    public static byte[] readWhole(Path file, Geometry geometry) throws IOException {
        return levels(readOfSize(file, geometry), geometry, geometry.getHeight());
    }

    /**
     * Which values of an image are kept: a byte for each in raster order, 1 where the picture is dark or transparent, 0
     * where it is bright.
     *
     * @throws IOException when the file cannot be read, is no PNG, or has another size than the model's images
     */
    public static byte[] readMask(Path file, Geometry geometry) throws IOException {
        BufferedImage picture = readOfSize(file, geometry);
        byte[] mask = new byte[geometry.getWidth() * geometry.getHeight() * geometry.getChannels()];
        for (int i = 0; i < mask.length; i++) {
            int pixel = i / geometry.getChannels();
            int[] rgba = PixelReader.rgba(picture, pixel % geometry.getWidth(), pixel / geometry.getWidth());
            mask[i] = (byte) (luma(rgba) >= BRIGHT && rgba[3] >= BRIGHT ? 0 : 1);
        }
        return mask;
    }

    private static BufferedImage readOfSize(Path file, Geometry geometry) throws IOException {
        BufferedImage image = read(file);
        if (image.getWidth() != geometry.getWidth() || image.getHeight() != geometry.getHeight()) {
            throw new IOException(file + ": is " + image.getWidth() + "x" + image.getHeight()
                    + ", images of the model are " + geometry.getWidth() + "x" + geometry.getHeight());
        }
        return image;
    }

    private static BufferedImage read(Path file) throws IOException {
        BufferedImage image;
        try {
            image = ImageIO.read(file.toFile());
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
        if (image == null) {
            throw new IOException(file + ": not a picture");
        }
        return image;
    }

    private static byte[] levels(BufferedImage image, Geometry geometry, int rows) {
        byte[] nearest = nearestLevels(geometry.getLevelValues());
        int channels = geometry.getChannels();
        byte[] values = new byte[rows * geometry.getWidth() * channels];
        for (int i = 0; i < values.length; i += channels) {
            int pixel = i / channels;
            int[] rgba = PixelReader.rgba(image, pixel % geometry.getWidth(), pixel / geometry.getWidth());
            if (channels == 1) {
                values[i] = nearest[luma(rgba)];
            } else {
                for (int c = 0; c < channels; c++) {
                    values[i + c] = nearest[rgba[c]];
                }
            }
        }
        return values;
    }

    /** ITU-R BT.601; exact for grey. */
    private static int luma(int[] rgba) {
        return (299 * rgba[0] + 587 * rgba[1] + 114 * rgba[2] + 500) / 1000;
    }

    /** The level of every intensity 0 to 255; of two equally near ones the lower level. */
    private static byte[] nearestLevels(ByteString intensities) {
        byte[] nearest = new byte[256];
        for (int intensity = 0; intensity < 256; intensity++) {
            int best = 0;
            for (int level = 1; level < intensities.size(); level++) {
                if (distance(intensities, level, intensity) < distance(intensities, best, intensity)) {
                    best = level;
                }
            }
            nearest[intensity] = (byte) best;
        }
        return nearest;
    }

    private static int distance(ByteString intensities, int level, int intensity) {
        return Math.abs((intensities.byteAt(level) & 0xFF) - intensity);
    }
}
