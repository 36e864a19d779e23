package io.scanline.server.engine;

import java.util.List;

/**
 * Guesses of one slot: the values that probably come next, written into the image beyond those that are decided, and how
 * many of them a window may be expected to decide.
 *
 * <p>There are two sources. The draft knows the values right before. The last run knows more, but computed what follows
 * a wrong guess from that wrong guess; the draft tells how much that matters. The one that was right more often, where both were as sure as now, is believed.
 */
final class GuessedValues {
    /** A guess that is reached less often than this is not worth making. */
    private static final double FAINT = 0.05;
    /** A draft hardly knows by how much what it has seldom seen is unlikely; in nats. */
    private static final float MOST_CHANGE = 5;

    private final DraftTable draft;
    private final int levels;
    private final LevelGuess guess;
    private final GuessRecord countedRecord;
    private final Source counted;
    private final List<GuessRecord> earlierRecords; // by distance behind the wrong guess
    private final Source earlier;

    private final byte[] values; // by place in the window
    private final double[] expected; // values decided by a window of so many positions
    private int length; // positions of the longest window that was guessed

    private final float[] drafted; // [most,levels], what the draft says by place in the window

    // What the last run answered beyond a wrong guess.
    private final float[] answered; // [most,levels]
    private final float[] draftedThen; // [most,levels], what the draft said after the same values
    private final float[] corrected; // [levels]
    private ImageTask answeredImage;
    private int answeredFrom;
    private int answeredCount;

    /** What one source guessed, by place in the window. */
    private static final class Source {
        final byte[] value;
        final double[] margin;
        final GuessRecord[] record; // null: it guessed nothing there

        Source(int most) {
            value = new byte[most];
            margin = new double[most];
            record = new GuessRecord[most];
        }

        /** How likely it is right; 0 when it guessed nothing. */
        double likelihood(int place) {
            return record[place] == null ? 0 : record[place].likelihood(margin[place]);
        }

        void tell(int place, byte drawn) {
            if (record[place] != null) {
                record[place].tell(margin[place], value[place] == drawn);
            }
        }
    }

    /**
     * @param counted how often the draft was right
     * @param earlier how often the last run was, by distance behind its wrong guess
     * @param most positions of a window, at most
     */
    GuessedValues(DraftTable draft, GuessRecord counted, List<GuessRecord> earlier, int most) {
        this.draft = draft;
        this.levels = draft.levels();
        this.guess = new LevelGuess(levels);
        this.countedRecord = counted;
        this.earlierRecords = earlier;
        this.counted = new Source(most);
        this.earlier = new Source(most);
        this.values = new byte[most];
        this.expected = new double[most + 1];
        this.drafted = new float[most * levels];
        this.answered = new float[most * levels];
        this.draftedThen = new float[most * levels];
        this.corrected = new float[levels];
    }

    /**
     * Guesses.
     *
     * @param most positions of a window, at most; no more than the image has left
     */
    void guess(SlotBatch batch, ImageTask image, int most) {
        byte[] ahead = image.valuesInPlace();
        double reached = 1;
        expected[1] = 1;
        length = 1;
        draft(0, ahead, image.position());
        while (length < most && reached >= FAINT) {
            int place = length - 1;
            int position = image.position() + place;
            counted.record[place] = null;
            earlier.record[place] = null;
            if (!image.givenAt(position)) {
                guess(place, image, position, batch.uniform(image, position));
                boolean believeDraft = counted.likelihood(place) >= earlier.likelihood(place);
                ahead[position] = believeDraft ? counted.value[place] : earlier.value[place];
                reached *= Math.max(counted.likelihood(place), earlier.likelihood(place));
            }
            values[place] = ahead[position];
            expected[length + 1] = expected[length] + reached;
            draft(length, ahead, position + 1);
            length++;
        }
    }

    private void draft(int place, byte[] ahead, int position) {
        System.arraycopy(draft.logits(ahead, position), 0, drafted, place * levels, levels);
    }

    private void guess(int place, ImageTask image, int position, double uniform) {
        SamplingOptions sampling = image.generation().request().sampling();
        counted.value[place] = guess.of(drafted, place * levels, sampling, uniform);
        counted.margin[place] = guess.margin();
        counted.record[place] = countedRecord;
        int behind = position - answeredFrom;
        if (image == answeredImage && behind >= 0 && behind < answeredCount) {
            correct(behind * levels, place * levels);
            earlier.value[place] = guess.of(corrected, 0, sampling, uniform);
            earlier.margin[place] = guess.margin();
            earlier.record[place] = earlierRecords.get(Math.min(behind, earlierRecords.size() - 1));
        }
    }

    /** The old answer, changed as much as the draft has changed with the values before. */
    private void correct(int then, int now) {
        for (int level = 0; level < levels; level++) {
            float change = drafted[now + level] - draftedThen[then + level];
            corrected[level] = answered[then + level] + Math.max(-MOST_CHANGE, Math.min(MOST_CHANGE, change));
        }
    }

    /**
     * Remembers what a run answered beyond a wrong guess.
     *
     * @param place first place of the window that is not decided
     * @param logits [count,levels] from {@code offset}, of the next positions of the image
     */
    void remember(ImageTask image, int place, float[] logits, int offset, int count) {
        System.arraycopy(logits, offset, answered, 0, count * levels);
        System.arraycopy(drafted, place * levels, draftedThen, 0, count * levels);
        answeredImage = image;
        answeredFrom = image.position();
        answeredCount = count;
    }

    /** Positions of a window of at most so many: each but the first follows a guess. */
    int positions(int most) {
        return Math.min(most, length);
    }

    /** Values that a window of at most so many positions may be expected to decide. */
    double expected(int most) {
        return expected[positions(most)];
    }

    /** Compares a guess with the value that was drawn in its place, and learns from it; true: it was right. */
    boolean check(int place, byte drawn) {
        counted.tell(place, drawn);
        earlier.tell(place, drawn);
        return values[place] == drawn;
    }
}
