package io.scanline.trainer.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * The content of an idx file of unsigned bytes.
 *
 * @param shape sizes of its dimensions, slowest first, e.g. [images, rows, columns]; at least one, all above 0
 * @param data its elements in row-major order; as many as the product of the sizes
 */
public record IdxArray(int[] shape, byte[] data) {
    /** Type code of unsigned bytes, the third byte of the file. */
    static final int UNSIGNED_BYTE = 0x08;

    /** Checks that there are as many elements as the shape says. */
    public IdxArray {
        if (shape.length == 0 || shape.length > 255) {
            throw new IllegalArgumentException("an idx array has 1 to 255 dimensions, not " + shape.length);
        }
        long elements = 1;
        for (int size : shape) {
            if (size <= 0) {
                throw new IllegalArgumentException("a dimension of " + size);
            }
            elements = Math.multiplyExact(elements, (long) size);
        }
        if (elements != data.length) {
            throw new IllegalArgumentException("the shape needs " + elements + " elements, there are " + data.length);
        }
    }

    /**
     * Writes the array as an uncompressed idx file; the format leaves no choice, so these are the bytes it was read
     * from.
     */
    public void writeTo(OutputStream out) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(4 + 4 * shape.length);
        header.put((byte) 0).put((byte) 0).put((byte) UNSIGNED_BYTE).put((byte) shape.length);
        for (int size : shape) {
            header.putInt(size);
        }
        out.write(header.array());
        out.write(data);
    }

    /** sha256 of the uncompressed idx file, in hexadecimal: the same however the file was compressed. */
    public String sha256() {
        try (Sha256 digest = new Sha256()) {
            writeTo(digest);
            return digest.hexadecimal();
        } catch (IOException impossible) {
            throw new AssertionError("a digest does not fail", impossible);
        }
    }
}
