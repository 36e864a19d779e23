package io.scanline.server.engine;

/**
 * Guesses of one slot: the values that probably come next, written into the image beyond those that are decided, and how
 * many of them a window may be expected to decide.
 */
final class GuessedValues {
    /** A guess that is reached less often than this is not worth making. */
    private static final double FAINT = 0.05;
    /** The margin of a given value, which is certain. */
    private static final double GIVEN = Double.POSITIVE_INFINITY;

    private final DraftTable draft;
    private final GuessRecord record;
    private final byte[] values; // by place in the window
    private final double[] margins; // by place in the window
    private final double[] expected; // values decided by a window of so many positions
    private int length; // positions of the longest window that was guessed

    /** @param most positions of a window, at most */
    GuessedValues(DraftTable draft, GuessRecord record, int most) {
        this.draft = draft;
        this.record = record;
        this.values = new byte[most];
        this.margins = new double[most];
        this.expected = new double[most + 1];
    }

    /**
     * Guesses.
     *
     * @param most positions of a window, at most; no more than the image has left
     */
    void guess(SlotBatch batch, ImageTask image, int most) {
        byte[] ahead = image.valuesInPlace();
        SamplingOptions sampling = image.generation().request().sampling();
        double reached = 1;
        expected[1] = 1;
        length = 1;
        while (length < most && reached >= FAINT) {
            int position = image.position() + length - 1;
            double margin = GIVEN;
            if (position >= image.given()) {
                ahead[position] = (byte) draft.guess(ahead, position, sampling, batch.uniform(image, position));
                margin = draft.margin();
                reached *= record.likelihood(margin);
            }
            values[length - 1] = ahead[position];
            margins[length - 1] = margin;
            expected[length + 1] = expected[length] + reached;
            length++;
        }
    }

    /** Positions of a window of at most so many: each but the first follows a guess. */
    int positions(int most) {
        return Math.min(most, length);
    }

    /** Values that a window of at most so many positions may be expected to decide. */
    double expected(int most) {
        return expected[positions(most)];
    }

    /** Compares a guess with the value that was drawn in its place, and remembers; true: it was right. */
    boolean check(int place, byte drawn) {
        boolean right = values[place] == drawn;
        record.tell(margins[place], right);
        return right;
    }
}
