package io.scanline.trainer.data;

import io.scanline.contract.PictureReader;
import io.scanline.contract.PictureReader.Format;
import java.io.IOException;
import java.util.Set;

/**
 * Decodes PNG, JPEG, GIF (its first picture) and BMP files, as a server decodes what it is asked about: upright, as
 * the camera's note beside the pixels says. Whatever the bytes are, nothing but an {@link IOException} comes of them.
 */
final class PictureDecoder {
    /**
     * Most pixels of a picture, by its header: a file of a few kilobytes can state more than any memory holds. So many
     * take 256 MB at four bytes each, for as long as this one picture is read.
     */
    static final long MAX_PIXELS = 64_000_000;

    private static final PictureReader READER =
            new PictureReader(Set.of(Format.PNG, Format.JPEG, Format.GIF, Format.BMP), MAX_PIXELS);

    private PictureDecoder() {}

    /**
     * Decodes a file and makes a square of its middle.
     *
     * @param file content of the file
     * @throws IOException when it is no picture, is broken, or has more than {@link #MAX_PIXELS}; says so in words
     */
    static SquarePicture square(byte[] file, int edge) throws IOException {
        return SquarePicture.of(READER.read(file), edge);
    }
}
