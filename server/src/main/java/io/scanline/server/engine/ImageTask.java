package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One image of a generation. Its values are written by the decode lane and read by anybody: a value is written before
 * the count of decided ones is raised, which publishes it. The lane raises that count by a release, which unlike a
 * volatile write does not stop it until every core has seen it; readers are told by other means that there is news.
 */
final class ImageTask implements ImageProgress {
    private final GenerationTask generation;
    private final int index;
    private final Given given;
    private final byte[] values;
    private final AtomicInteger decided;
    private int position; // written between two locks of the lane, read under its lock or by the lane
    private volatile ImageResult result;
    private FinishReason givenUp; // guarded by the lane's lock; null: it was not
    private long cancelledNanos; // guarded by the lane's lock; 0: it was not cancelled alone
    private long cancelledSteps; // guarded by the lane's lock

    // Of the decode lane only.
    private double logLikelihood;
    private int drawn;
    private ImageResult withheld; // of a complete image that may not be kept
    private long startedNanos;
    private long firstDrawnNanos;
    private long lastDrawnNanos;

    ImageTask(GenerationTask generation, int index, Given given, int steps) {
        this.generation = generation;
        this.index = index;
        this.given = given;
        this.values = given.image(steps);
        this.decided = new AtomicInteger(given.nextDrawn(0, steps));
    }

    GenerationTask generation() {
        return generation;
    }

    /** Whether the next step is about a value that the client gave: it takes a step but is not drawn. */
    boolean givenNext() {
        return given.at(position);
    }

    /** Steps until its last value is decided. */
    int stepsLeft() {
        return given.stepsTaken(values.length) - position;
    }

    /** Whether a value was given: it is not drawn. */
    boolean givenAt(int index) {
        return given.at(index);
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
        return decided() == values.length;
    }

    /** Under the lane's lock: it is to be given up, and ends when the lane comes to it. */
    void giveUp(FinishReason why) {
        givenUp = why;
    }

    /**
     * The same for the client's sake.
     *
     * @param steps that the lane had taken
     */
    void cancel(long now, long steps) {
        giveUp(FinishReason.CANCELLED);
        cancelledNanos = now;
        cancelledSteps = steps;
    }

    /** How many steps the lane had taken then. */
    long cancelledSteps() {
        return cancelledNanos == 0 ? generation.cancelledSteps() : cancelledSteps;
    }

    /** When it, or all of its generation, was cancelled; 0: neither was. */
    long cancelledNanos() {
        return cancelledNanos == 0 ? generation.cancelledNanos() : cancelledNanos;
    }

    boolean givenUp() {
        return givenUp != null;
    }

    /** It was given up, for this reason. */
    boolean givenUp(FinishReason why) {
        return givenUp == why;
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
        boolean first = drawn++ == 0;
        long gap = first ? -1 : now - lastDrawnNanos;
        if (first) {
            firstDrawnNanos = now;
        }
        lastDrawnNanos = now;
        position = position + 1;
        decided.setRelease(given.nextDrawn(position, values.length));
        return gap;
    }

    /** Of the values drawn so far, in nats. */
    double logLikelihood() {
        return logLikelihood;
    }

    /** Sets the result, why it was given up included; of a complete image unless that depends on the others. */
    void finish(MessageDigest sha256, long now) {
        if (givenUp != null) {
            result = result(givenUp, sha256, now);
        } else if (generation.race().isPresent()) {
            withheld = result(FinishReason.COMPLETE, sha256, now);
        } else {
            result = result(FinishReason.COMPLETE, sha256, now);
        }
    }

    /** Says of a complete image whether it is kept. */
    void settle(FinishReason reason) {
        result = withheld.as(reason);
    }

    private ImageResult result(FinishReason reason, MessageDigest sha256, long now) {
        long admitted = generation.admittedNanos();
        double bitsPerDim = drawn == 0 ? 0 : -logLikelihood / (StrictMath.log(2) * drawn);
        long queue = ((startedNanos == 0 ? now : startedNanos) - admitted) / 1000;
        long first = drawn == 0 ? 0 : (firstDrawnNanos - admitted) / 1000;
        long total = (now - admitted) / 1000;
        return reason == FinishReason.COMPLETE
                ? new ImageResult(sha256.digest(values), logLikelihood, bitsPerDim, queue, first, total)
                : ImageResult.givenUp(reason, logLikelihood, bitsPerDim, queue, first, total);
    }

    @Override
    public int index() {
        return index;
    }

    @Override
    public int decided() {
        return decided.getAcquire();
    }

    @Override
    public byte[] values(int from, int to) {
        if (from < 0 || from > to || to > decided()) {
            throw new IndexOutOfBoundsException("values " + from + " to " + to + " of " + decided());
        }
        return Arrays.copyOfRange(values, from, to);
    }

    @Override
    public Optional<ImageResult> result() {
        return Optional.ofNullable(result);
    }
}
