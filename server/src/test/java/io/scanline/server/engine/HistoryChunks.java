package io.scanline.server.engine;

import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.GraphException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * A model without a graph that decides several values in a run: each depends on the whole history of its slot, so that
 * a state that is mixed up or lost changes the image. Runs wait for permits when it is gated.
 */
final class HistoryChunks implements ChunkProgram {
    private final int slots;
    private final int span;
    private final int steps;
    private final int levels;
    private final long[][] state; // by slot and position: what was decided, with what it was decided with
    private final long[] values;
    private final long[] first;
    private final long[] label;
    private final long[] given;
    private final float[] uniform;
    private final float[] temperature;
    private final long[] topK;
    private final float[] topP;
    private final long[] own;
    private final long[] other;
    private final float[] guidance;
    private final long[] drawn;
    private final float[] logProbability;
    private final FloatBuffer condition;
    private final Semaphore permits;
    private final List<List<Long>> firstOfRuns = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean failNext;
    private volatile long labelWithoutNumbers = -1;
    private volatile long labelWithoutLevels = -1;

    HistoryChunks(int slots, int span, int steps, int levels, int conditionSize, boolean gated) {
        this.slots = slots;
        this.span = span;
        this.steps = steps;
        this.levels = levels;
        state = new long[slots][steps];
        values = new long[slots * steps];
        first = new long[slots];
        label = new long[slots];
        given = new long[slots * span];
        uniform = new float[slots * span];
        temperature = new float[slots];
        topK = new long[slots];
        topP = new float[slots];
        own = new long[slots];
        other = new long[slots];
        guidance = new float[slots];
        drawn = new long[slots * span];
        logProbability = new float[slots * span];
        condition = FloatBuffer.allocate(slots * conditionSize);
        permits = new Semaphore(gated ? 0 : Integer.MAX_VALUE / 2);
    }

    /** Lets so many runs finish. */
    void permit(int runs) {
        permits.release(runs);
    }

    void failNextRun() {
        failNext = true;
    }

    /** Tells no likelihoods of images of this class from now on. */
    void answerNoNumbersFor(long badLabel) {
        labelWithoutNumbers = badLabel;
    }

    /** Draws what is no level for images of this class from now on. */
    void answerNoLevelsFor(long badLabel) {
        labelWithoutLevels = badLabel;
    }

    /** First positions in the slots of every run that was begun. */
    List<List<Long>> firstOfRuns() {
        synchronized (firstOfRuns) {
            return List.copyOf(firstOfRuns);
        }
    }

    @Override
    public void run(int batch) throws GraphException {
        firstOfRuns.add(IntStream.range(0, batch).mapToObj(slot -> first[slot]).toList());
        permits.acquireUninterruptibly();
        if (failNext) {
            failNext = false;
            throw new GraphException("told to fail");
        }
        long[] before = new long[batch];
        for (int slot = 0; slot < batch; slot++) {
            before[slot] = history(slot);
        }
        for (int i = 0; i < span; i++) {
            for (int slot = 0; slot < batch; slot++) {
                decide(slot, i, before[(int) own[slot]], before[(int) other[slot]]);
            }
            for (int slot = 0; slot < batch; slot++) {
                int position = (int) first[slot] + i;
                if (position < steps) {
                    long kept = 31 * drawn[slot * span + i] + label[slot] + text(slot);
                    state[slot][position] = kept;
                    before[slot] = before[slot] * 1_000_003 + kept;
                }
            }
        }
    }

    /** What a slot holds; throws when that is not what its image has. */
    private long history(int slot) {
        long history = 0;
        for (int position = 0; position < first[slot]; position++) {
            long kept = state[slot][position];
            if (kept != 31 * values[slot * steps + position] + label[slot] + text(slot)) {
                throw new IllegalStateException("slot " + slot + " does not hold position " + position);
            }
            history = history * 1_000_003 + kept;
        }
        return history;
    }

    private long text(int slot) {
        int components = condition.capacity() / slots;
        return components == 0 ? 0 : Float.floatToIntBits(condition.get(slot * components));
    }

    private void decide(int slot, int index, long ownHistory, long otherHistory) {
        int at = slot * span + index;
        long mixed = (31 * ownHistory + otherHistory + first[slot] + index) * 0x9E3779B97F4A7C15L;
        double share = (mixed >>> 40) / (double) (1 << 24) + uniform[at] + guidance[slot];
        long level = (long) (levels * (share - Math.floor(share)));
        drawn[at] = given[at] >= 0 ? given[at] : label[slot] == labelWithoutLevels ? levels : level;
        logProbability[at] = label[slot] == labelWithoutNumbers ? Float.NaN : -1 - level / (float) levels;
    }

    @Override
    public void move(int from, int to, int positions) {
        System.arraycopy(state[from], 0, state[to], 0, positions);
        Arrays.fill(state[to], positions, steps, -1); // what is not moved is not there
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int span() {
        return span;
    }

    @Override
    public long[] values() {
        return values;
    }

    @Override
    public long[] first() {
        return first;
    }

    @Override
    public long[] label() {
        return label;
    }

    @Override
    public FloatBuffer condition() {
        return condition;
    }

    @Override
    public long[] given() {
        return given;
    }

    @Override
    public float[] uniform() {
        return uniform;
    }

    @Override
    public float[] temperature() {
        return temperature;
    }

    @Override
    public long[] topK() {
        return topK;
    }

    @Override
    public float[] topP() {
        return topP;
    }

    @Override
    public long[] own() {
        return own;
    }

    @Override
    public long[] other() {
        return other;
    }

    @Override
    public float[] guidance() {
        return guidance;
    }

    @Override
    public long[] drawn() {
        return drawn;
    }

    @Override
    public float[] logProbability() {
        return logProbability;
    }

    @Override
    public long slotBytes() {
        return (long) steps * Long.BYTES;
    }

    @Override
    public void close() {}
}
