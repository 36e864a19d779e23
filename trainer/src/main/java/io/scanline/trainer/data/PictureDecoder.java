package io.scanline.trainer.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes PNG, JPEG, GIF (its first picture) and BMP files. Whatever the bytes are, nothing but an {@link IOException}
 * comes of them. The orientation that some cameras note beside a JPEG is not applied.
 */
final class PictureDecoder {
    /**
     * Most pixels of a picture, by its header: a file of a few kilobytes can state more than any memory holds. So many
     * take 256 MB at four bytes each, for as long as this one picture is read.
     */
    static final long MAX_PIXELS = 64_000_000;

    private static final Set<String> FORMATS = Set.of("png", "jpeg", "gif", "bmp");

    private PictureDecoder() {}

    /**
     * Decodes a file and makes a square of its middle.
     *
     * @param file content of the file
     * @throws IOException when it is no picture, is broken, or has more than {@link #MAX_PIXELS}; says so in words
     */
    static SquarePicture square(byte[] file, int edge) throws IOException {
        return SquarePicture.of(PixelRows.of(decode(file)), edge);
    }

    private static BufferedImage decode(byte[] file) throws IOException {
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            ImageReader reader = reader(in);
            String format = reader.getFormatName().toUpperCase(Locale.ROOT);
            try {
                return decode(reader, in);
            } catch (TooLarge refused) {
                throw refused;
            } catch (EOFException cut) {
                throw new IOException("unreadable " + format + ": it ends too early", cut);
            } catch (IOException | RuntimeException broken) {
                // The readers of the JDK also throw what their arithmetic on broken numbers gives.
                String reason = broken.getMessage() == null ? broken.getClass().getSimpleName() : broken.getMessage();
                throw new IOException("unreadable " + format + ": " + reason, broken);
            } finally {
                reader.dispose();
            }
        }
    }

    private static ImageReader reader(ImageInputStream in) throws IOException {
        for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (FORMATS.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
                return reader;
            }
        }
        throw new IOException("not a PNG, JPEG, GIF or BMP file");
    }

    private static BufferedImage decode(ImageReader reader, ImageInputStream in) throws IOException {
        // Metadata can hold compressed text of any length.
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
            throw new TooLarge(reader.getWidth(0), reader.getHeight(0));
        }
        AtomicBoolean cut = new AtomicBoolean();
        // The JPEG reader fills up what is missing with grey.
        reader.addIIOReadWarningListener((source, warning) ->
                cut.compareAndSet(false, warning.toLowerCase(Locale.ROOT).contains("premature end")));
        BufferedImage picture = reader.read(0);
        if (cut.get()) {
            throw new EOFException();
        }
        return picture;
    }

    /** A picture of too many pixels. */
    private static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1;

        TooLarge(int width, int height) {
            super(width + " x " + height + " pixels; the most are " + MAX_PIXELS / 1_000_000 + " million");
        }
    }
}
