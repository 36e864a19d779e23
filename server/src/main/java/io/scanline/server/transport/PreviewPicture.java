package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.Geometry;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntPredicate;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Draws what is decided of an image as PNG; pixels that are not wholly decided are transparent. */
final class PreviewPicture {
    static final String MEDIA_TYPE = "image/png";

    private final Geometry geometry;
    private final int size;

    /** @param size longest side of the picture: a larger image is made smaller; 0: the image's own size */
    PreviewPicture(Geometry geometry, int size) {
        this.geometry = geometry;
        this.size = size;
    }

    /** @param values the first values of the image in generation order, one byte each */
    ByteString encode(byte[] values) {
        int pixels = values.length / geometry.getChannels();
        return encode(values, pixel -> pixel < pixels);
    }

    /**
     * A picture that was decoded from codes: the pixels that lie in the share of a decided code.
     *
     * @param values all values of the image
     * @param decided codes that are decided
     */
    ByteString encode(byte[] values, CodeGrid codes, int decided) {
        return encode(values, pixel -> {
            int row = pixel / geometry.getWidth() * codes.getRows() / geometry.getHeight();
            int column = pixel % geometry.getWidth() * codes.getColumns() / geometry.getWidth();
            return row * codes.getColumns() + column < decided;
        });
    }

    private ByteString encode(byte[] values, IntPredicate shown) {
        int width = geometry.getWidth();
        int channels = geometry.getChannels();
        int height = geometry.getHeight();
        int[] pixels = new int[width * height];
        for (int pixel = 0; pixel < pixels.length; pixel++) {
            pixels[pixel] = shown.test(pixel) ? argb(values, pixel * channels, channels) : 0;
        }
        BufferedImage picture = Shrinking.toFit(size, width, height, pixels);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // ImageIO's default stream would cache on disk.
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(picture, "png", out)) {
                throw new IllegalStateException("This Java runtime has no PNG writer.");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private int argb(byte[] values, int at, int channels) {
        int red = intensity(values[at]);
        int green = channels >= 3 ? intensity(values[at + 1]) : red;
        int blue = channels >= 3 ? intensity(values[at + 2]) : red;
        int alpha = channels == 4 ? intensity(values[at + 3]) : 255;
        return alpha << 24 | red << 16 | green << 8 | blue;
    }

    private int intensity(byte level) {
        return geometry.getLevelValues().byteAt(level & 0xff) & 0xff;
    }
}
