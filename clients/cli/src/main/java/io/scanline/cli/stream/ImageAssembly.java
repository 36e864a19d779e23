package io.scanline.cli.stream;

import com.google.protobuf.ByteString;
import io.scanline.v1.Finished;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageResult;
import io.scanline.v1.Pixels;
import io.scanline.v1.Started;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Rebuilds the images of one generation from its Pixels alone. Not safe for use by several threads. */
public final class ImageAssembly {
    /** Steps of a model that makes all values at once. */
    private static final int AT_ONCE = 1;

    private final int levels;
    private final int steps; // values of one image
    private final int given;
    /** (images, steps) level indices. */
    private final byte[][] values;
    private final int[] decided;
    private long nextSequence;

    /**
     * An assembly that knows the given values only.
     *
     * @param count number of images asked for
     * @param prefix given first values of every image
     * @throws StreamViolation when the geometry contradicts itself or the request
     */
    public ImageAssembly(Started started, int count, ByteString prefix) throws StreamViolation {
        Geometry geometry = started.getGeometry();
        long size = (long) geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
        if (size < 1 || size > Integer.MAX_VALUE || started.getSteps() != size && started.getSteps() != AT_ONCE) {
            throw new StreamViolation("the server announced " + started.getSteps() + " steps for images of "
                    + size + " values");
        }
        if (geometry.getLevels() < 2 || geometry.getLevels() != geometry.getLevelValues().size()) {
            throw new StreamViolation("the server announced " + geometry.getLevels() + " levels with "
                    + geometry.getLevelValues().size() + " intensities");
        }
        if (prefix.size() > size) {
            throw new StreamViolation("the server accepted " + prefix.size() + " given values for images of " + size);
        }
        this.levels = geometry.getLevels();
        this.steps = (int) size;
        this.given = prefix.size();
        this.values = new byte[count][steps];
        this.decided = new int[count];
        for (byte[] image : values) {
            prefix.copyTo(image, 0);
        }
        Arrays.fill(decided, given);
    }

    /**
     * Takes the next message of the stream.
     *
     * @throws StreamViolation when messages are missing, or values come twice, out of order, or out of range
     */
    public void accept(Pixels pixels) throws StreamViolation {
        if (pixels.getSequence() != nextSequence) {
            throw new StreamViolation("Pixels message " + Long.toUnsignedString(pixels.getSequence())
                    + " arrived where " + nextSequence + " was due");
        }
        nextSequence++;
        int image = pixels.getImageIndex();
        if (image < 0 || image >= values.length) {
            throw new StreamViolation("values for image " + Integer.toUnsignedString(image) + " of " + values.length);
        }
        int first = pixels.getFirstIndex();
        int size = pixels.getValues().size();
        if (first != decided[image]) {
            throw new StreamViolation("image " + image + ": value " + Integer.toUnsignedString(first)
                    + " arrived where " + decided[image] + " was due");
        }
        if (size == 0 || size > steps - first) {
            throw new StreamViolation("image " + image + ": " + size + " values from " + first + " on, of " + steps);
        }
        for (int i = 0; i < size; i++) {
            if ((pixels.getValues().byteAt(i) & 0xFF) >= levels) {
                throw new StreamViolation("image " + image + ": value " + (first + i) + " is no level");
            }
        }
        pixels.getValues().copyTo(values[image], first);
        decided[image] += size;
    }

    /**
     * Compares the images with what the server says of them.
     *
     * @throws StreamViolation when one is incomplete, or its digest differs from the server's
     */
    public void verify(Finished finished) throws StreamViolation {
        if (finished.getImagesCount() != values.length) {
            throw new StreamViolation("the server finished " + finished.getImagesCount() + " images of "
                    + values.length);
        }
        for (int i = 0; i < values.length; i++) {
            ImageResult result = finished.getImages(i);
            if (result.getImageIndex() != i) {
                throw new StreamViolation("result " + i + " is that of image " + result.getImageIndex());
            }
            if (decided[i] != steps) {
                throw new StreamViolation("image " + i + ": finished after " + decided[i] + " values of " + steps);
            }
            byte[] digest = sha256(values[i]);
            if (!ByteString.copyFrom(digest).equals(result.getSha256())) {
                HexFormat hex = HexFormat.of();
                throw new StreamViolation("image " + i + ": the received values have sha256 " + hex.formatHex(digest)
                        + ", the server's image has " + hex.formatHex(result.getSha256().toByteArray()));
            }
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Number of images. */
    public int count() {
        return values.length;
    }

    /** Values of one image. */
    public int steps() {
        return steps;
    }

    /** Given values of one image. */
    public int given() {
        return given;
    }

    /** Values of this image known so far, given ones included. */
    public int decided(int image) {
        return decided[image];
    }

    /** All values of this image; only the first {@link #decided} mean something. */
    public byte[] values(int image) {
        return values[image].clone();
    }
}
