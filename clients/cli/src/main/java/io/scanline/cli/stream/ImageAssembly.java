package io.scanline.cli.stream;

import com.google.protobuf.ByteString;
import io.scanline.v1.CodeGrid;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageResult;
import io.scanline.v1.Pixels;
import io.scanline.v1.Started;
import io.scanline.v1.Tokens;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Rebuilds the images of one generation from its Pixels alone, and the codes that they are made of, if any, from its
 * Tokens. Not safe for use by several threads.
 */
public final class ImageAssembly {
    /** Steps of a model that makes all values at once. */
    private static final int AT_ONCE = 1;

    private final int count;
    private final ValueAssembly pixels;
    private final ValueAssembly codes; // null: the values themselves are drawn

    /**
     * An assembly that knows the given values only.
     *
     * @param count number of images asked for
     * @param prefix given first values, or codes, of every image
     * @throws StreamViolation when the geometry contradicts itself or the request
     */
    public ImageAssembly(Started started, int count, ByteString prefix) throws StreamViolation {
        Geometry geometry = started.getGeometry();
        long size = (long) geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
        CodeGrid grid = started.getCodes();
        long steps = started.hasCodes() ? (long) grid.getColumns() * grid.getRows() : size;
        boolean atOnce = started.getSteps() == AT_ONCE && !started.hasCodes();
        if (size < 1 || size > Integer.MAX_VALUE || started.getSteps() != steps && !atOnce) {
            throw new StreamViolation("the server announced " + started.getSteps() + " steps for images of "
                    + steps + (started.hasCodes() ? " codes" : " values"));
        }
        if (geometry.getLevels() < 2 || geometry.getLevels() != geometry.getLevelValues().size()) {
            throw new StreamViolation("the server announced " + geometry.getLevels() + " levels with "
                    + geometry.getLevelValues().size() + " intensities");
        }
        if (started.hasCodes() && (grid.getCodes() < 2 || grid.getCodes() > 256)) {
            throw new StreamViolation("the server announced a codebook of " + grid.getCodes());
        }
        this.count = count;
        this.codes = started.hasCodes()
                ? new ValueAssembly("Tokens", "code", count, (int) steps, grid.getCodes(), prefix)
                : null;
        this.pixels = new ValueAssembly(
                "Pixels", "value", count, (int) size, geometry.getLevels(), codes == null ? prefix : ByteString.EMPTY);
    }

    /**
     * Takes the next message of the stream.
     *
     * @throws StreamViolation when messages are missing, or values come twice, out of order, or out of range
     */
    public void accept(Pixels message) throws StreamViolation {
        ByteString values = message.getValues();
        pixels.accept(message.getSequence(), message.getImageIndex(), message.getFirstIndex(), values.size(),
                i -> values.byteAt(i) & 0xFF);
    }

    /**
     * Takes the next message of the stream.
     *
     * @throws StreamViolation also when no codes were announced
     */
    public void accept(Tokens message) throws StreamViolation {
        if (codes == null) {
            throw new StreamViolation("codes arrived of a model that draws none");
        }
        codes.accept(message.getSequence(), message.getImageIndex(), message.getFirstIndex(), message.getCodesCount(),
                message::getCodes);
    }

    /** The next message is the first of another stream, which goes on where this one is. */
    void newStream() {
        pixels.newStream();
        if (codes != null) {
            codes.newStream();
        }
    }

    /** What is lacking first of this image, counted in codes, if there are any, and then in values. */
    int next(int image) {
        return codes == null ? pixels.decided(image) : codes.decided(image) + pixels.decided(image);
    }

    /**
     * Compares the images with what the server says of them.
     *
     * @throws StreamViolation when one is incomplete that was not given up, or its digest differs from the server's
     */
    public void verify(Finished finished) throws StreamViolation {
        if (finished.getImagesCount() != count) {
            throw new StreamViolation("the server finished " + finished.getImagesCount() + " images of " + count);
        }
        for (int i = 0; i < count; i++) {
            ImageResult result = finished.getImages(i);
            if (result.getImageIndex() != i) {
                throw new StreamViolation("result " + i + " is that of image " + result.getImageIndex());
            }
            if (result.getSha256().isEmpty() && !complete(result)) {
                continue; // it was given up before all of it was decided
            }
            drawn().verifyComplete(i);
            pixels.verifyComplete(i);
            byte[] digest = sha256(pixels.values(i));
            if (!ByteString.copyFrom(digest).equals(result.getSha256())) {
                HexFormat hex = HexFormat.of();
                throw new StreamViolation("image " + i + ": the received values have sha256 " + hex.formatHex(digest)
                        + ", the server's image has " + hex.formatHex(result.getSha256().toByteArray()));
            }
        }
    }

    /** Whether an image was made whole and kept. */
    public static boolean complete(ImageResult result) {
        return result.getFinishReason() != FinishReason.FINISH_REASON_ABANDONED
                && result.getFinishReason() != FinishReason.FINISH_REASON_CANCELLED;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What is drawn: the codes, or the values themselves. */
    private ValueAssembly drawn() {
        return codes == null ? pixels : codes;
    }

    /** Number of images. */
    public int count() {
        return count;
    }

    /** Values of one image. */
    public int steps() {
        return pixels.steps();
    }

    /** Values, or codes, of one image that are to be drawn, given ones not counted. */
    public int toDraw() {
        return drawn().steps() - drawn().given();
    }

    /** Given values, or codes, of one image. */
    public int given() {
        return drawn().given();
    }

    /** Values, or codes, of this image that were decided, given ones included. */
    public int drawn(int image) {
        return drawn().decided(image);
    }

    /** All that is drawn of this image, values or codes; only the first {@link #drawn} mean something. */
    public byte[] drawnValues(int image) {
        return drawn().values(image);
    }

    /** Values of this image known so far, given ones included. */
    public int decided(int image) {
        return pixels.decided(image);
    }

    /** All values of this image; only the first {@link #decided} mean something. */
    public byte[] values(int image) {
        return pixels.values(image);
    }
}
