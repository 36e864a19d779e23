package io.scanline.cli.stream;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Values of the images of one generation, or their codes, put together from the messages that bring them. Not safe for
 * use by several threads.
 */
final class ValueAssembly {
    private final String messages;
    private final String noun;
    private final int levels;
    private final int steps;
    private final int given;
    /** (images, steps), one byte each. */
    private final byte[][] values;
    private final int[] decided;
    private long nextSequence;

    /**
     * An assembly that knows the given values only.
     *
     * @param messages what the messages are called
     * @param noun what a value is called
     * @param count images
     * @param steps values of an image
     * @param levels how many there are to choose from; at most 256
     * @param prefix given first values of every image
     * @throws StreamViolation when more are given than there are
     */
    ValueAssembly(String messages, String noun, int count, int steps, int levels, ByteString prefix)
            throws StreamViolation {
        if (prefix.size() > steps) {
            throw new StreamViolation(
                    "the server accepted " + prefix.size() + " given " + noun + "s for images of " + steps);
        }
        this.messages = messages;
        this.noun = noun;
        this.levels = levels;
        this.steps = steps;
        this.given = prefix.size();
        this.values = new byte[count][steps];
        this.decided = new int[count];
        for (byte[] image : values) {
            prefix.copyTo(image, 0);
        }
        Arrays.fill(decided, given);
    }

    /**
     * Takes the next message.
     *
     * @param at its values by their place in it
     * @throws StreamViolation when messages are missing, or values come twice, out of order, or out of range
     */
    void accept(long sequence, int image, int first, int size, IntUnaryOperator at) throws StreamViolation {
        if (sequence != nextSequence) {
            throw new StreamViolation(messages + " message " + Long.toUnsignedString(sequence) + " arrived where "
                    + nextSequence + " was due");
        }
        nextSequence++;
        if (image < 0 || image >= values.length) {
            throw new StreamViolation(
                    noun + "s for image " + Integer.toUnsignedString(image) + " of " + values.length);
        }
        if (first != decided[image]) {
            throw new StreamViolation("image " + image + ": " + noun + " " + Integer.toUnsignedString(first)
                    + " arrived where " + decided[image] + " was due");
        }
        if (size == 0 || size > steps - first) {
            throw new StreamViolation(
                    "image " + image + ": " + size + " " + noun + "s from " + first + " on, of " + steps);
        }
        for (int i = 0; i < size; i++) {
            int value = at.applyAsInt(i);
            if (value < 0 || value >= levels) {
                throw new StreamViolation("image " + image + ": " + noun + " " + (first + i) + " is no level");
            }
            values[image][first + i] = (byte) value;
        }
        decided[image] += size;
    }

    /** The next message is the first of another stream. */
    void newStream() {
        nextSequence = 0;
    }

    /** @throws StreamViolation when values of an image are missing */
    void verifyComplete(int image) throws StreamViolation {
        if (decided[image] != steps) {
            throw new StreamViolation(
                    "image " + image + ": finished after " + decided[image] + " " + noun + "s of " + steps);
        }
    }

    int steps() {
        return steps;
    }

    int given() {
        return given;
    }

    /** Values of this image known so far, given ones included. */
    int decided(int image) {
        return decided[image];
    }

    /** All values of this image; only the first {@link #decided} mean something. */
    byte[] values(int image) {
        return values[image].clone();
    }
}
