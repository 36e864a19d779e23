package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds out how many images one run of a graph may take, and how long it takes. A kernel may sum in another order at
 * another batch size, which would break the promise of the same bytes in any batch: so every batch size is tried on
 * random items and must give each of them the very bits that it gets alone. The order in which a kernel sums depends on
 * sizes and not on numbers, so that a graph that passes keeps the promise; one that does not runs its images singly.
 */
final class BatchTrial {
    /** Batches stop gaining at 4 to 8 on the CPUs that this runs on. */
    static final int LARGEST = 8;

    /** Memory of the largest tensor of a batch, in bytes. */
    private static final long BATCH_BYTES = 64L << 20;
    private static final long BATCH_NANOS = 100_000_000; // nobody should wait longer for a run to end
    private static final int TIMED_RUNS = 2;

    private final BatchProgram program;
    private final List<float[]> floatInputs = new ArrayList<>();
    private final List<float[]> floatOutputs = new ArrayList<>();
    private final List<long[]> longOutputs = new ArrayList<>();
    private final Filler filler;

    /**
     * @param floats roles of all float inputs and outputs that the graph may have
     * @param codes size of the codebook, if the graph takes codes
     */
    BatchTrial(BatchProgram program, List<String> floats, int codes) {
        this.program = program;
        for (String role : floats) {
            addIfThere(floatInputs, program.floatInput(role));
            addIfThere(floatOutputs, program.floatOutput(role));
        }
        addIfThere(longOutputs, program.longOutput("tokens"));
        this.filler = (slot, item) -> fill(slot, item, codes);
    }

    /**
     * Of a graph that does not take every input.
     *
     * @param output role of its output
     */
    BatchTrial(BatchProgram program, String output, Filler filler) {
        this.program = program;
        addIfThere(floatOutputs, program.floatOutput(output));
        this.filler = filler;
    }

    /** Writes one of the items to try into a slot. */
    interface Filler {
        void fill(int slot, int item);
    }

    private static <A> void addIfThere(List<A> arrays, A array) {
        if (array != null) {
            arrays.add(array);
        }
    }

    /** Items of the largest batch worth trying, of so many bytes each. */
    static int room(long itemBytes) {
        return (int) Math.max(1, Math.min(LARGEST, BATCH_BYTES / itemBytes));
    }

    /** Runs 1 to as many items as the program has room for; at most those whose batch is quick enough. */
    OneShotAdmission.BatchTimes measure() throws GraphException {
        int room = program.largest();
        Object[][] alone = new Object[room][];
        long one = Long.MAX_VALUE;
        for (int item = 0; item < room; item++) {
            filler.fill(0, item);
            one = Math.min(one, timed(1));
            alone[item] = outputs(0);
        }
        int quick = (int) Math.max(1, Math.min(room, BATCH_NANOS / Math.max(1, one)));
        int largest = 1;
        while (largest < quick && equal(largest + 1, alone)) {
            largest++;
        }
        return new OneShotAdmission.BatchTimes(largest, new StepTimes(largest, one, timed(largest)));
    }

    private boolean equal(int batch, Object[][] alone) throws GraphException {
        for (int item = 0; item < batch; item++) {
            filler.fill(item, item);
        }
        program.run(batch);
        for (int item = 0; item < batch; item++) {
            if (!Arrays.deepEquals(outputs(item), alone[item])) { // floats by their bits but for NaN
                return false;
            }
        }
        return true;
    }

    private long timed(int batch) throws GraphException {
        return StepTimes.shortest(TIMED_RUNS, () -> program.run(batch));
    }

    private void fill(int slot, int item, int codes) {
        for (float[] input : floatInputs) {
            int size = input.length / program.largest();
            for (int i = 0; i < size; i++) {
                input[slot * size + i] = (float) CounterRandom.normal(0, item, i, 0);
            }
        }
        long[] codeInput = program.longInput("tokens");
        if (codeInput != null) {
            int size = codeInput.length / program.largest();
            for (int i = 0; i < size; i++) {
                codeInput[slot * size + i] = (long) (codes * CounterRandom.uniform(0, item, i, 0));
            }
        }
    }

    private Object[] outputs(int slot) {
        List<Object> copies = new ArrayList<>();
        for (float[] output : floatOutputs) {
            int size = output.length / program.largest();
            copies.add(Arrays.copyOfRange(output, slot * size, (slot + 1) * size));
        }
        for (long[] output : longOutputs) {
            int size = output.length / program.largest();
            copies.add(Arrays.copyOfRange(output, slot * size, (slot + 1) * size));
        }
        return copies.toArray();
    }
}
