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
     * Nothing else was sent.
     *
     * @param plan when values are sent
     * @param steps values in all
     * @param rowLength values of a row
     * @param sent values that the client gave or has received: where the first message begins
     */
    PacedSpan(StreamPlan plan, int steps, int rowLength, int sent) {
        this.pace = plan.pace();
        this.percent = plan.percent();
        this.steps = steps;
        this.rowLength = rowLength;
        this.sent = sent;
    }

    /** The interval has passed. */
    void tick() {
        due = true;
    }

    /** Values sent, given ones included: where the next message begins. */
    int sent() {
        return sent;
    }

    /**
     * Every value was sent, or every one there will ever be.
     *
     * @param decided values decided
     * @param ended whether no more will be decided
     */
    boolean delivered(int decided, boolean ended) {
        return sent == steps || ended && sent >= decided;
    }

    /**
     * Where a message that is sent now would end; {@link #sent()}, or less: there is none.
     *
     * @param decided values decided
     * @param ended whether no more will be decided
     */
    int limit(int decided, boolean ended) {
        int limit = ended ? decided : pace.limit(decided, sent, steps, rowLength, percent, due);
        return Math.min(limit, sent + MOST_VALUES);
    }

    /** A message was made of the values up to here. */
    void advance(int to) {
        sent = to;
        due = false;
    }
}
