package io.scanline.server.transport;

/** Which of the values of an image, or of its codes, were sent, and which may be next. Used by one drain at a time. */
final class PacedSpan {
    /** Keeps every message below the 4 MiB that clients accept by default. */
    private static final int MOST_VALUES = 1 << 20;

    private final Pace pace;
    private final float percent;
    private final int steps;
    private final int rowLength;
    private int sent;
    private boolean due;

    /**
     * Nothing was sent.
     *
     * @param plan when values are sent
     * @param steps values in all
     * @param rowLength values of a row
     * @param given values that the client gave: they are not sent back
     */
    PacedSpan(StreamPlan plan, int steps, int rowLength, int given) {
        this.pace = plan.pace();
        this.percent = plan.percent();
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

    /** Every value was sent, or every one there will ever be. */
    boolean delivered(boolean ended, int decided) {
        return sent == (ended ? decided : steps);
    }

    /**
     * Where a message that is sent now would end; {@link #sent()}: there is none.
     *
     * @param ended whether no more will be decided
     */
    int limit(boolean ended, int decided) {
        int limit = ended ? decided : pace.limit(decided, sent, steps, rowLength, percent, due);
        return Math.min(limit, sent + MOST_VALUES);
    }

    /** A message was made of the values up to here. */
    void advance(int to) {
        sent = to;
        due = false;
    }
}
