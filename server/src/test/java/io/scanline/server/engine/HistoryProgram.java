package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.Stride;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;

/**
 * A model without a graph: its logits depend on the whole history of the slot, so that a state that is mixed up or lost
 * changes the image. Runs wait for permits when it is gated, and fail when told to.
 */
final class HistoryProgram implements StepProgram {
    private final int slots;
    private final int levels;
    private final int contextSize;
    private final long[][] state; // by slot and position: what the slot was shown
    private final long[] context;
    private final long[] position;
    private final long[] label;
    private final FloatBuffer condition;
    private final int[] cached;
    private final float[] logits;
    private final Semaphore permits;
    private final List<List<Long>> labelsOfRuns = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean failNext;
    private volatile boolean divided;
    private volatile long labelWithoutNumbers = -1;

    HistoryProgram(int slots, int steps, int levels, int contextSize, boolean gated) {
        this(slots, steps, levels, contextSize, gated, 0);
    }

    /** @param conditionSize components of what the slots are shown of their texts, which all logits depend on */
    HistoryProgram(int slots, int steps, int levels, int contextSize, boolean gated, int conditionSize) {
        this.condition = FloatBuffer.allocate(slots * conditionSize);
        this.slots = slots;
        this.levels = levels;
        this.contextSize = contextSize;
        this.state = new long[slots][steps];
        this.context = new long[slots * contextSize];
        this.position = new long[slots];
        this.label = new long[slots];
        this.cached = new int[slots];
        this.logits = new float[slots * levels];
        this.permits = new Semaphore(gated ? 0 : Integer.MAX_VALUE / 2);
    }

    /** Lets so many runs finish. */
    void permit(int runs) {
        permits.release(runs);
    }

    void failNextRun() {
        failNext = true;
    }

    /** Answers NaN for images of this class from now on. */
    void answerNoNumbersFor(long badLabel) {
        labelWithoutNumbers = badLabel;
    }

    /** From now on the second half of the slots is run by a thread of its own, which waits for no permits. */
    void divide() {
        divided = true;
    }

    @Override
    public void stride(int batch, Stride stride) throws GraphException {
        if (!divided || batch < 2) {
            StepProgram.super.stride(batch, stride);
            return;
        }
        int half = batch / 2;
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            do {
                stride.show(half, batch - half);
                runSlots(half, batch);
            } while (went(stride, half, batch - half));
        });
        try {
            do {
                stride.show(0, half);
                run(half);
            } while (stride.ran(0, half, 1000));
        } finally {
            second.join();
        }
    }

    private static boolean went(Stride stride, int first, int slots) {
        try {
            return stride.ran(first, slots, 1000);
        } catch (GraphException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Classes in the slots of every run that was begun. */
    List<List<Long>> labelsOfRuns() {
        synchronized (labelsOfRuns) {
            return List.copyOf(labelsOfRuns);
        }
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int span() {
        return 1;
    }

    @Override
    public long[] context() {
        return context;
    }

    @Override
    public long[] position() {
        return position;
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
    public int[] cached() {
        return cached;
    }

    @Override
    public long[] above() {
        return new long[0];
    }

    @Override
    public float[] logits() {
        return logits;
    }

    @Override
    public void run(int batch) throws GraphException {
        labelsOfRuns.add(IntStream.range(0, batch).mapToObj(slot -> label[slot]).toList());
        permits.acquireUninterruptibly();
        if (failNext) {
            failNext = false;
            throw new GraphException("told to fail");
        }
        runSlots(0, batch);
    }

    private void runSlots(int from, int to) {
        for (int slot = from; slot < to; slot++) {
            step(slot);
        }
    }

    private void step(int slot) {
        long shown = label[slot];
        for (int k = 0; k < contextSize; k++) {
            shown = shown * 31 + context[slot * contextSize + k];
        }
        int components = condition.capacity() / slots;
        for (int d = 0; d < components; d++) {
            shown = shown * 31 + Float.floatToIntBits(condition.get(slot * components + d));
        }
        state[slot][cached[slot]] = shown;
        long history = position[slot];
        for (int at = 0; at <= cached[slot]; at++) {
            history = history * 1_000_003 + state[slot][at];
        }
        for (int level = 0; level < levels; level++) {
            long mixed = (history + level) * 0x9E3779B97F4A7C15L;
            logits[slot * levels + level] =
                    label[slot] == labelWithoutNumbers ? Float.NaN : (mixed >>> 40) / (float) (1 << 23);
        }
    }

    @Override
    public void move(int from, int to, int positions) {
        System.arraycopy(state[from], 0, state[to], 0, positions);
    }

    @Override
    public void close() {}
}
