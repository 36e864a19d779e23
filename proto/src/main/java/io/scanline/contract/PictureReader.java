package io.scanline.contract;

import io.scanline.contract.PictureException.Fault;
import java.awt.image.BufferedImage;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * Decodes picture files, the first picture of each, and turns them upright. Whatever the bytes are, nothing but a
 * {@link PictureException} comes of them. Needs the artifacts com.twelvemonkeys.imageio:imageio-jpeg (CMYK) and
 * imageio-webp, and com.drewnoakes:metadata-extractor, which depending on this module does not bring along. Safe for
 * use by several threads.
 */
public final class PictureReader {
    /** A picture is decoded once for every scan that its file has, and a scan can be as short as ten bytes. */
    static final int MAX_JPEG_SCANS = 100;

    private static final int MILLION = 1_000_000;
    private static final int LOSSY_FRAME = 'V' | 'P' << 8 | '8' << 16 | ' ' << 24;
    private static final int LOSSLESS_FRAME = 'V' | 'P' << 8 | '8' << 16 | 'L' << 24;
    private static final int WEBP_SIDE = (1 << 14) - 1;

    private final Set<Format> formats;
    private final long maxPixels;

    /** Formats of picture files, in the order in which they are named. */
    public enum Format {
        /** Portable network graphics. */
        PNG,
        /** JPEG, with the extensions JFIF and Exif, in grey, YCC, RGB, CMYK or YCCK. */
        JPEG,
        /** WebP, lossy or not. */
        WEBP("WebP"),
        /** Graphics interchange format. */
        GIF,
        /** Windows bitmap. */
        BMP;

        private final String shown;

        Format() {
            this.shown = name();
        }

        Format(String shown) {
            this.shown = shown;
        }
    }

    /**
     * Reads these formats.
     *
     * @param maxPixels most pixels of a picture, told by its header before it is decoded: a file of a few kilobytes can
     *     state more than any memory holds. A pixel takes four to eight bytes for as long as the picture is read
     */
    public PictureReader(Set<Format> formats, long maxPixels) {
        this.formats = Set.copyOf(formats);
        this.maxPixels = maxPixels;
    }

    /**
     * Decodes a file.
     *
     * @param file content of the file
     * @throws PictureException when it is of another format, broken or too large
     */
    public PixelRows read(byte[] file) throws PictureException {
        try (ImageInputStream in = new FileInMemory(file)) {
            ImageReader reader = reader(in);
            Format format = format(reader);
            try {
                return decode(reader, format, in, file);
            } finally {
                reader.dispose();
            }
        } catch (PictureException refused) {
            throw refused;
        } catch (IOException impossible) { // the file is in memory
            throw new PictureException(Fault.UNREADABLE, "unreadable: " + impossible.getMessage(), impossible);
        }
    }

    private ImageReader reader(ImageInputStream in) throws IOException {
        for (Iterator<ImageReader> readers = ImageIO.getImageReaders(in); readers.hasNext(); ) {
            ImageReader reader = readers.next();
            if (formats.contains(format(reader))) {
                return reader;
            }
            reader.dispose();
        }
        List<String> names = new ArrayList<>();
        for (Format format : Format.values()) {
            if (formats.contains(format)) {
                names.add(format.shown);
            }
        }
        String last = names.remove(names.size() - 1);
        throw new PictureException(
                Fault.FORMAT,
                "not a " + (names.isEmpty() ? "" : String.join(", ", names) + " or ") + last + " file",
                null);
    }

    /** The format that a reader is of; null: none of those known here. */
    private static Format format(ImageReader reader) throws IOException {
        String name = reader.getFormatName().toUpperCase(Locale.ROOT);
        for (Format format : Format.values()) {
            if (format.name().equals(name)) {
                return format;
            }
        }
        return null;
    }

    private PixelRows decode(ImageReader reader, Format format, ImageInputStream in, byte[] file)
            throws PictureException {
        try {
            // Metadata can hold compressed text of any length.
            reader.setInput(in, true, true);
            checkSize(reader.getWidth(0), reader.getHeight(0));
            checkFrames(format, file);
            checkScans(format, file);
            BufferedImage picture = decoded(reader);
            return PictureOrientation.of(format, file).turned(PixelRows.of(picture));
        } catch (PictureException refused) {
            throw refused;
        } catch (EOFException cut) {
            throw unreadable(format, "it ends too early", cut);
        } catch (IOException | RuntimeException broken) {
            // The readers also throw what their arithmetic on broken numbers gives.
            String reason = broken.getMessage() == null ? broken.getClass().getSimpleName() : broken.getMessage();
            throw unreadable(format, reason, broken);
        }
    }

    private static PictureException unreadable(Format format, String reason, Throwable cause) {
        return new PictureException(Fault.UNREADABLE, "unreadable " + format.shown + ": " + reason, cause);
    }

    private static BufferedImage decoded(ImageReader reader) throws IOException {
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

    private void checkSize(int width, int height) throws PictureException {
        if ((long) width * height > maxPixels) {
            String most = maxPixels % MILLION == 0 ? maxPixels / MILLION + " million" : Long.toString(maxPixels);
            throw new PictureException(
                    Fault.TOO_LARGE, width + " x " + height + " pixels; the most are " + most, null);
        }
    }

    /** The frames of a WebP file say again how large they are, and the decoder takes memory for what they say. */
    private void checkFrames(Format format, byte[] file) throws PictureException {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        // A tag, four bytes of length, and at least five of the frame.
        for (int i = 0; format == Format.WEBP && i + 13 <= file.length; i++) {
            int tag = bytes.getInt(i);
            if (tag == LOSSY_FRAME && i + 18 <= file.length) {
                checkSize(bytes.getShort(i + 14) & WEBP_SIDE, bytes.getShort(i + 16) & WEBP_SIDE);
            } else if (tag == LOSSLESS_FRAME) {
                int sides = bytes.getInt(i + 9);
                checkSize((sides & WEBP_SIDE) + 1, (sides >> 14 & WEBP_SIDE) + 1);
            }
        }
    }

    /** Counts the starts of scans, whose marker cannot stand in the data of a scan. */
    private static void checkScans(Format format, byte[] file) throws PictureException {
        int scans = 0;
        for (int i = 0; format == Format.JPEG && i + 1 < file.length; i++) {
            if (file[i] == (byte) 0xFF && file[i + 1] == (byte) 0xDA && ++scans > MAX_JPEG_SCANS) {
                throw new PictureException(Fault.TOO_LARGE, "more than " + MAX_JPEG_SCANS + " scans", null);
            }
        }
    }
}
