package io.scanline.contract;

import com.drew.imaging.ImageProcessingException;
import com.drew.imaging.jpeg.JpegMetadataReader;
import com.drew.imaging.png.PngChunk;
import com.drew.imaging.png.PngChunkReader;
import com.drew.imaging.png.PngChunkType;
import com.drew.imaging.riff.RiffHandler;
import com.drew.imaging.riff.RiffReader;
import com.drew.lang.ByteArrayReader;
import com.drew.lang.SequentialByteArrayReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.exif.ExifIFD0Directory;
import com.drew.metadata.exif.ExifReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** How a camera was held, as Exif tells: how the pixels of a file lie in the picture. */
enum PictureOrientation {
    /** 1: upright. */
    UPRIGHT(false, false, false),
    /** 2: mirrored. */
    MIRRORED(false, true, false),
    /** 3: upside down. */
    HALF_TURN(false, true, true),
    /** 4: upside down and mirrored. */
    FLIPPED(false, false, true),
    /** 5: mirrored at the diagonal from the top left. */
    TRANSPOSED(true, false, false),
    /** 6: to be turned clockwise. */
    QUARTER_TURN(true, false, true),
    /** 7: mirrored at the other diagonal. */
    TRANSVERSE(true, true, true),
    /** 8: to be turned counter-clockwise. */
    THREE_QUARTER_TURN(true, true, false);

    private static final int TAG = ExifIFD0Directory.TAG_ORIENTATION;

    private final boolean swapped;
    private final boolean fromRight;
    private final boolean fromBottom;

    /**
     * @param swapped whether a row of the picture is a column of the file
     * @param fromRight whether columns of the file are read from the right
     * @param fromBottom whether rows of the file are read from the bottom
     */
    PictureOrientation(boolean swapped, boolean fromRight, boolean fromBottom) {
        this.swapped = swapped;
        this.fromRight = fromRight;
        this.fromBottom = fromBottom;
    }

    /** What a file says; upright when it says nothing that can be understood. */
    static PictureOrientation of(PictureReader.Format format, byte[] file) {
        try {
            Metadata metadata = new Metadata();
            // Nothing but Exif is read: other metadata can hold compressed text of any length.
            switch (format) {
                case JPEG -> JpegMetadataReader.process(
                        metadata, new ByteArrayInputStream(file), List.of(new ExifReader()));
                case PNG -> {
                    Set<PngChunkType> exif = Set.of(new PngChunkType("eXIf"));
                    for (PngChunk chunk : new PngChunkReader().extract(new SequentialByteArrayReader(file), exif)) {
                        read(chunk.getBytes(), metadata);
                    }
                }
                case WEBP -> new RiffReader().processRiff(littleEndian(file), new WebpExif(metadata));
                default -> {
                    return UPRIGHT;
                }
            }
            return of(metadata);
        } catch (ImageProcessingException | IOException | RuntimeException notUnderstood) {
            return UPRIGHT;
        }
    }

    private static SequentialByteArrayReader littleEndian(byte[] file) {
        SequentialByteArrayReader reader = new SequentialByteArrayReader(file);
        reader.setMotorolaByteOrder(false);
        return reader;
    }

    private static void read(byte[] exif, Metadata metadata) {
        new ExifReader().extract(new ByteArrayReader(exif), metadata);
    }

    private static PictureOrientation of(Metadata metadata) {
        for (ExifIFD0Directory directory : metadata.getDirectoriesOfType(ExifIFD0Directory.class)) {
            Integer stated = directory.getInteger(TAG);
            if (stated != null && stated >= 1 && stated <= values().length) {
                return values()[stated - 1];
            }
        }
        return UPRIGHT;
    }

    /** The picture of the pixels of a file. */
    PixelRows turned(PixelRows file) {
        if (this == UPRIGHT) {
            return file;
        }
        int[] pixels = new int[file.width() * file.height()];
        int[] row = new int[file.width()];
        for (int y = 0; y < file.height(); y++) {
            file.read(y, row);
            System.arraycopy(row, 0, pixels, y * row.length, row.length);
        }
        return new Turned(this, file.width(), file.height(), pixels);
    }

    /** Pixels of a file, read as another picture. */
    private record Turned(PictureOrientation how, int columns, int rows, int[] argb) implements PixelRows {
        @Override
        public int width() {
            return how.swapped ? rows : columns;
        }

        @Override
        public int height() {
            return how.swapped ? columns : rows;
        }

        @Override
        public void read(int y, int[] row) {
            for (int x = 0; x < row.length; x++) {
                int column = how.swapped ? y : x;
                int line = how.swapped ? x : y;
                column = how.fromRight ? columns - 1 - column : column;
                line = how.fromBottom ? rows - 1 - line : line;
                row[x] = argb[line * columns + column];
            }
        }
    }

    /** Takes the Exif chunk of a WebP file. */
    private record WebpExif(Metadata metadata) implements RiffHandler {
        private static final int PREAMBLE = 6; // "Exif" and two zeros

        @Override
        public boolean shouldAcceptRiffIdentifier(String identifier) {
            return identifier.equals("WEBP");
        }

        @Override
        public boolean shouldAcceptChunk(String fourCc) {
            return fourCc.equals("EXIF");
        }

        @Override
        public boolean shouldAcceptList(String fourCc) {
            return false;
        }

        @Override
        public void processChunk(String fourCc, byte[] payload) {
            // Some writers keep the preamble that it has in a JPEG file.
            int from = ExifReader.startsWithJpegExifPreamble(payload) ? PREAMBLE : 0;
            read(Arrays.copyOfRange(payload, from, payload.length), metadata);
        }

        @Override
        public void addError(String message) {
            throw new IllegalArgumentException(message);
        }
    }
}
