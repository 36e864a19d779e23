package io.scanline.server.engine;

import java.util.Arrays;

/**
 * Values of every image that the client gave, by position. A prefix gives the first ones, a mask any; whatever is not
 * given is drawn.
 */
final class Given {
    static final Given NOTHING = prefix(new byte[0]);

    private final byte[] values; // up to the last one that may be given; 0 where none is
    private final boolean[] mask; // as long as the values
    private final int count;

    private Given(byte[] values, boolean[] mask) {
        this.values = values;
        this.mask = mask;
        int given = 0;
        for (int position = 0; position < mask.length; position++) {
            if (mask[position]) {
                given++;
            } else {
                values[position] = 0;
            }
        }
        this.count = given;
    }

    /** The first values. */
    static Given prefix(byte[] first) {
        boolean[] mask = new boolean[first.length];
        Arrays.fill(mask, true);
        return new Given(first.clone(), mask);
    }

    /** Values that a mask, as long as they are, has a 1 for. */
    static Given masked(byte[] values, byte[] mask) {
        boolean[] given = new boolean[mask.length];
        for (int position = 0; position < mask.length; position++) {
            given[position] = mask[position] == 1;
        }
        return new Given(values.clone(), given);
    }

    /** How many values are given. */
    int count() {
        return count;
    }

    /** Whether the value at a position is given. */
    boolean at(int position) {
        return position < mask.length && mask[position];
    }

    /** The first position from this one on whose value is drawn; {@code steps}: there is none. */
    int nextDrawn(int from, int steps) {
        int position = from;
        while (position < steps && at(position)) {
            position++;
        }
        return position;
    }

    /** Steps that an image of {@code steps} values takes: what is given after the last drawn value needs none. */
    int stepsTaken(int steps) {
        int taken = steps;
        while (taken > 0 && at(taken - 1)) {
            taken--;
        }
        return taken;
    }

    /** A new image: the given values in their places. */
    byte[] image(int steps) {
        return Arrays.copyOf(values, steps);
    }
}
