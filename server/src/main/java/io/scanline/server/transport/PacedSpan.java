package io.scanline.server.transport;

/** Which of the values of an image, or of its codes, were sent, and which may be next. Used by one drain at a time. */
final class PacedSpan {
    /** Keeps every message below the 4 MiB that clients accept by default. */
    private static final int MOST_VALUES = 1 << 20;

    private final Pace pace;
    private final int steps;
    private final int rowLength;
    private int sent;
    private boolean due;

    /**
     * Nothing was sent.
     *
     * @param steps values in all
     * @param rowLength values of a row
     * @param given values that the client gave: they are not sent back
     */
    PacedSpan(Pace pace, int steps, int rowLength, int given) {
        this.pace = pace;
        this.steps = steps;
        this.rowLength = rowLength;
        this.sent = given;
    }

    /** The interval has passed. */
    void tick() {
        due = true;
    }

    /** Values sent, given ones included: where the next message begins. */
    int sent() {
        return sent;
    }

    /** Every value was sent. */
    boolean delivered() {
        return sent == steps;
    }

    /** Where a message that is sent now would end; {@link #sent()}: there is none. */
    int limit(int decided) {
        return Math.min(pace.limit(decided, sent, steps, rowLength, due), sent + MOST_VALUES);
    }

    /** A message was made of the values up to here. */
    void advance(int to) {
        sent = to;
        due = false;
    }
}
