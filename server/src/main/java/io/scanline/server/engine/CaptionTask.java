package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An admitted request for a caption. Whether it has ended is decided by its lane under the lane's lock. */
final class CaptionTask implements Caption {
    private static final Logger log = LoggerFactory.getLogger(CaptionTask.class);

    private final CaptionLane lane;
    private final CheckedCaption request;
    private final GrowingText text; // of the lane's thread only
    private final ProgressListener listener;
    private final long admittedNanos;

    private byte[] levels; // of the lane once it is in line
    private int drawn; // of the lane's thread only, like the next three
    private int lastId;
    private double logLikelihood;
    private long firstNanos;
    private long cancelledNanos; // guarded by the lane's lock; 0: not cancelled

    private final List<Token> tokens = new ArrayList<>(); // guarded by this
    private Result result; // guarded by this
    private EngineException failure; // guarded by this
    private int queuePosition = -1; // guarded by this
    private boolean listenerThrew; // guarded by this

    CaptionTask(CaptionLane lane, CheckedCaption request, GrowingText text, ProgressListener listener, long now) {
        this.lane = lane;
        this.request = request;
        this.text = text;
        this.listener = listener;
        this.admittedNanos = now;
    }

    CheckedCaption request() {
        return request;
    }

    long admittedNanos() {
        return admittedNanos;
    }

    /** Levels of its image in raster order. */
    byte[] levels() {
        return levels;
    }

    /** Its picture is ready and it stands in line. */
    void ready(byte[] image, int position) {
        levels = image;
        synchronized (this) {
            queuePosition = position;
        }
    }

    /** Its image is in its slot. */
    void shown() {
        levels = null;
    }

    /** Tokens drawn so far, which is the index of the next one. */
    int drawn() {
        return drawn;
    }

    /** The id drawn last. */
    int lastId() {
        return lastId;
    }

    /** A token was drawn; true: it is the last one that was asked for. */
    boolean append(int id, double logProbability, long now) {
        if (drawn++ == 0) {
            firstNanos = now;
        }
        lastId = id;
        logLikelihood += logProbability;
        List<Token> told = text.add(id, (float) logProbability);
        synchronized (this) {
            tokens.addAll(told);
        }
        return drawn == request.maxTokens();
    }

    /** Adds how likely it was to end here. */
    void ended(double logProbability) {
        logLikelihood += logProbability;
    }

    /**
     * Sets its result, unless it has failed.
     *
     * @param byModel whether the model ended it
     */
    boolean complete(boolean byModel, long now) {
        List<Token> told = text.end();
        synchronized (this) {
            if (failure != null) {
                return false;
            }
            tokens.addAll(told);
            long first = drawn == 0 ? now : firstNanos;
            result = new Result(
                    text.told(), logLikelihood, byModel, micros(first - admittedNanos), micros(now - admittedNanos));
            return true;
        }
    }

    private static long micros(long nanos) {
        return nanos / 1000;
    }

    /** Ends it early; false: it had ended already. */
    synchronized boolean fail(EngineException why) {
        if (over()) {
            return false;
        }
        failure = why;
        return true;
    }

    /** Whether it has ended, one way or the other. */
    synchronized boolean over() {
        return failure != null || result != null;
    }

    void cancelledAt(long now) {
        cancelledNanos = now;
    }

    long cancelledNanos() {
        return cancelledNanos;
    }

    /** Tells its listener, whose faults are its own. */
    void tell() {
        try {
            listener.progressed();
        } catch (RuntimeException | Error thrown) {
            synchronized (this) {
                if (!listenerThrew) { // once says it all; it may throw at every step
                    log.error("The listener of a caption threw", thrown);
                }
                listenerThrew = true;
            }
        }
    }

    @Override
    public ModelInfo model() {
        return lane.model();
    }

    @Override
    public long seed() {
        return request.seed();
    }

    @Override
    public int maxTokens() {
        return request.maxTokens();
    }

    @Override
    public synchronized OptionalInt queuePosition() {
        return queuePosition < 0 ? OptionalInt.empty() : OptionalInt.of(queuePosition);
    }

    @Override
    public synchronized int tokens() {
        return tokens.size();
    }

    @Override
    public synchronized Token token(int index) {
        return tokens.get(index);
    }

    @Override
    public synchronized Optional<Result> result() {
        return Optional.ofNullable(result);
    }

    @Override
    public synchronized Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void cancel() {
        lane.end(this, EngineException.of(Reason.CANCELLED, "the request was cancelled"));
    }
}
