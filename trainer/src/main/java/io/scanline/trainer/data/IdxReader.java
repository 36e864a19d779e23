package io.scanline.trainer.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * Reads idx files of unsigned bytes, plain or gzip: two zero bytes, the element type, the number of dimensions, each
 * size as a big-endian 32-bit number, then the elements in row-major order (MNIST home page, "The IDX file format").
 *
 * <p>Whatever the bytes are, nothing but an {@link IOException} comes of them, and memory is taken only for elements
 * that are really there.
 */
public final class IdxReader {
    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int MAX_DIMENSIONS = 4;
    private static final int BUFFER_BYTES = 1 << 16;

    private final int maxElements;

    /** A reader of files of up to 2^30 elements: 17 times the training images of MNIST and more. */
    public IdxReader() {
        this(1 << 30);
    }

    /** A reader that refuses files that state more elements than this. */
    public IdxReader(int maxElements) {
        this.maxElements = maxElements;
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read or is no idx file of unsigned bytes; the message names the file
     */
    public IdxArray read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return read(in);
        } catch (NoSuchFileException missing) {
            throw missing;
        } catch (IOException broken) {
            throw new IOException(file + ": " + broken.getMessage(), broken);
        }
    }

    /**
     * Reads a stream to its end; does not close it.
     *
     * @throws IOException when it cannot be read or is no idx file of unsigned bytes
     */
    public IdxArray read(InputStream in) throws IOException {
        BufferedInputStream raw = new BufferedInputStream(in, BUFFER_BYTES);
        raw.mark(2);
        int magic = raw.read() << 8 | raw.read();
        raw.reset();
        return readPlain(magic == GZIP_MAGIC ? new GZIPInputStream(raw, BUFFER_BYTES) : raw);
    }

    private IdxArray readPlain(InputStream in) throws IOException {
        byte[] magic = exactly(in, 4, "the magic number");
        if (magic[0] != 0 || magic[1] != 0) {
            throw new IOException(String.format(
                    "not an idx file: it begins with %02x%02x%02x%02x", magic[0], magic[1], magic[2], magic[3]));
        }
        if (magic[2] != IdxArray.UNSIGNED_BYTE) {
            throw new IOException(String.format("idx elements of type 0x%02x, want unsigned bytes (0x08)", magic[2]));
        }
        int dimensions = magic[3] & 0xFF;
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw new IOException("idx array of " + dimensions + " dimensions, want 1 to " + MAX_DIMENSIONS);
        }
        int[] shape = shape(ByteBuffer.wrap(exactly(in, 4 * dimensions, "the sizes of the dimensions")), dimensions);
        int elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        byte[] data = exactly(in, elements, "the elements");
        if (in.read() >= 0) {
            throw new IOException("idx file goes on after its " + elements + " elements");
        }
        return new IdxArray(shape, data);
    }

    private int[] shape(ByteBuffer sizes, int dimensions) throws IOException {
        int[] shape = new int[dimensions];
        long elements = 1;
        for (int i = 0; i < dimensions; i++) {
            long size = sizes.getInt() & 0xFFFFFFFFL;
            if (size == 0) {
                throw new IOException("idx dimension " + i + " is 0");
            }
            // Both factors are below 2^31, since the product was checked before, so it does not overflow a long.
            if (size > maxElements || (elements *= size) > maxElements) {
                throw new IOException(
                        "idx dimension " + i + " of " + size + " makes more than " + maxElements + " elements");
            }
            shape[i] = (int) size;
        }
        return shape;
    }

    /** Reads this many bytes; takes memory as they come, so that a false size costs nothing. */
    private static byte[] exactly(InputStream in, int bytes, String what) throws IOException {
        byte[] read = in.readNBytes(bytes);
        if (read.length < bytes) {
            throw new EOFException(
                    "idx file ends within " + what + ": " + read.length + " of " + bytes + " bytes are there");
        }
        return read;
    }
}
