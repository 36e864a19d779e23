package io.scanline.server.transport;

import io.scanline.v1.CadenceMode;

/** When the values of an image are sent. */
enum Pace {
    /** As soon as they are decided. */
    PIXEL(false) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            return decided;
        }
    },
    /** As soon as their row is complete. */
    ROW(false) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            return Math.max(sent, decided - decided % rowLength);
        }
    },
    /** Whenever the interval has passed, and when the image is complete. */
    INTERVAL(true) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            return due || decided == steps ? decided : sent;
        }
    },
    /** When the image is complete; until then a picture whenever the interval has passed. */
    PREVIEW(true) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            return decided == steps ? decided : sent;
        }
    },
    /** When the image is complete. */
    FINAL(false) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            return decided == steps ? decided : sent;
        }
    },
    /** Whenever another share of the image is decided, and when it is complete. */
    PERCENT(false) {
        @Override
        int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due) {
            boolean another = shares(decided, steps, percent) > shares(sent, steps, percent);
            return another || decided == steps ? decided : sent;
        }

        /** Whole shares among the first values. */
        private double shares(int values, int steps, float percent) {
            return Math.floor(100.0 * values / ((double) percent * steps)); // exact where it is a whole number
        }
    };

    private final boolean timed;

    Pace(boolean timed) {
        this.timed = timed;
    }

    /** Whether it needs a clock. */
    boolean timed() {
        return timed;
    }

    /**
     * Up to which value an image may be sent now; {@code sent}: nothing.
     *
     * @param decided values decided, given values included
     * @param sent values sent, given values included
     * @param steps values of an image
     * @param rowLength values of a row
     * @param percent share of an image after which values are sent; above 0, at most 100
     * @param due whether the interval has passed since the last message of this image
     */
    abstract int limit(int decided, int sent, int steps, int rowLength, float percent, boolean due);

    /** The pace of a mode that this server knows; null: it does not. */
    static Pace of(CadenceMode mode) {
        return switch (mode) {
            case CADENCE_MODE_UNSPECIFIED, CADENCE_MODE_PIXEL -> PIXEL;
            case CADENCE_MODE_ROW -> ROW;
            case CADENCE_MODE_INTERVAL -> INTERVAL;
            case CADENCE_MODE_PREVIEW -> PREVIEW;
            case CADENCE_MODE_FINAL -> FINAL;
            case CADENCE_MODE_PERCENT -> PERCENT;
            case UNRECOGNIZED -> null;
        };
    }
}
