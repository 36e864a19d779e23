package io.scanline.server.bench;

import io.scanline.v1.Pixels;
import java.util.Arrays;

/** The values of one image as its messages bring them, over one stream or over several that follow each other. */
final class PixelLedger {
    private final byte[] values;
    private int received;
    private long sequence;
    private long lost;
    private long repeated;

    /** @param size values of the image */
    PixelLedger(int size) {
        values = new byte[size];
    }

    /** What comes next comes in another stream, whose messages are counted anew. */
    void nextStream() {
        sequence = 0;
    }

    /** Enters a message. */
    void enter(Pixels pixels) {
        if (pixels.getSequence() > sequence) {
            lost++; // a message, whatever was in it
        }
        sequence = pixels.getSequence() + 1;
        int first = pixels.getFirstIndex();
        lost += Math.max(0, first - received);
        repeated += Math.max(0, received - first);
        int count = Math.min(pixels.getValues().size(), values.length - first);
        lost += pixels.getValues().size() - count; // they are of no image
        pixels.getValues().substring(0, count).copyTo(values, first);
        received = Math.max(received, first + count);
    }

    int received() {
        return received;
    }

    boolean complete() {
        return received == values.length;
    }

    /** The values so far. */
    byte[] values() {
        return Arrays.copyOf(values, received);
    }

    /** Values that were passed over, and messages that are missing. */
    long lost() {
        return lost;
    }

    /** Values that came twice. */
    long repeated() {
        return repeated;
    }

    /** Whether the values so far are the first ones of an image. */
    boolean beginsLike(byte[] image) {
        return Arrays.equals(values, 0, received, image, 0, received);
    }
}
