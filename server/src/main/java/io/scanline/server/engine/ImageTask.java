package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * One image of a generation. Its values are written by the decode lane and read by anybody: a value is written before
 * the count of decided ones is raised, which publishes it.
 */
final class ImageTask implements ImageProgress {
    private final GenerationTask generation;
    private final int index;
    private final int given;
    private final byte[] values;
    private volatile int decided;
    private volatile int position;
    private volatile ImageResult result;
    private volatile boolean cancelled;
    private long cancelledNanos; // guarded by the lane's lock

    // Of the decode lane only.
    private double logLikelihood;
    private long startedNanos;
    private long firstDrawnNanos;
    private long lastDrawnNanos;

    ImageTask(GenerationTask generation, int index, byte[] prefix, int steps) {
        this.generation = generation;
        this.index = index;
        this.given = prefix.length;
        this.values = Arrays.copyOf(prefix, steps);
        this.decided = given;
    }

    GenerationTask generation() {
        return generation;
    }

    /** Values that the client gave: they take a step each but are not drawn. */
    int given() {
        return given;
    }

    /** The value that the next step is about; lags behind {@link #decided()} while given values are fed. */
    int position() {
        return position;
    }

    /** All values, for the decode lane, which reads none that is not decided. */
    byte[] valuesInPlace() {
        return values;
    }

    boolean complete() {
        return decided == values.length && (position == values.length || given == values.length);
    }

    /** It is to be given up: it ends when the lane comes to it. */
    void cancel(long now) {
        cancelledNanos = now;
        cancelled = true;
    }

    /** When it, or all of its generation, was cancelled; 0: neither was. */
    long cancelledNanos() {
        return cancelled ? cancelledNanos : generation.cancelledNanos();
    }

    boolean cancelled() {
        return cancelled;
    }

    void start(long now) {
        startedNanos = now;
    }

    /** The step was about a given value. */
    void pass() {
        position = position + 1;
    }

    /**
     * The step drew a value.
     *
     * @return nanoseconds since the value drawn before, or -1 for the first one
     */
    long append(int level, double logProbability, long now) {
        values[position] = (byte) level;
        logLikelihood += logProbability;
        boolean first = decided == given;
        long gap = first ? -1 : now - lastDrawnNanos;
        if (first) {
            firstDrawnNanos = now;
        }
        lastDrawnNanos = now;
        position = position + 1;
        decided = position;
        return gap;
    }

    /** Sets the result of an image that is complete, or that was cancelled. */
    void finish(MessageDigest sha256, long now) {
        int drawn = decided - given;
        long admitted = generation.admittedNanos();
        double bitsPerDim = drawn == 0 ? 0 : -logLikelihood / (StrictMath.log(2) * drawn);
        long queue = ((startedNanos == 0 ? now : startedNanos) - admitted) / 1000;
        long first = drawn == 0 ? 0 : (firstDrawnNanos - admitted) / 1000;
        long total = (now - admitted) / 1000;
        result = cancelled
                ? ImageResult.cancelled(logLikelihood, bitsPerDim, queue, first, total)
                : new ImageResult(sha256.digest(values), logLikelihood, bitsPerDim, queue, first, total);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int decided() {
        return decided;
    }

    @Override
    public byte[] values(int from, int to) {
        if (from < 0 || from > to || to > decided) {
            throw new IndexOutOfBoundsException("values " + from + " to " + to + " of " + decided);
        }
        return Arrays.copyOfRange(values, from, to);
    }

    @Override
    public Optional<ImageResult> result() {
        return Optional.ofNullable(result);
    }
}
