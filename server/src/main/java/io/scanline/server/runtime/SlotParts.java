package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Runs a graph for slots 0 to batch - 1, in parts of slots beside each other, every part by one thread. Numbers of a slot
 * depend on no other slot of its run, so neither do they on the parts, of which there are as many as is quickest.
 *
 * <p>Threads of ONNX Runtime's own would share every node of a run and wake up for each one: steps are dozens of nodes
 * of some microseconds, and what is won so is about what waking up costs.
 */
final class SlotParts {
    private final StepSessions sessions;
    private final int span;
    private final Binder binder;
    private final Binding[][] bindings; // by the first slot, and how many less 1; made when first needed
    /** By the logarithm of the slots of a run, rounded down: their number changes all the time, and trials take some. */
    private final PartChoice[] choices;

    /** Adds the tensors of runs of slots beside each other. */
    interface Binder {
        void bind(int first, int slots, Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs)
                throws OrtException;
    }

    /** What a run of a part takes and writes. */
    private record Binding(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) {}

    /**
     * @param slots most that a run has
     * @param span positions of every slot in a run; where there are several, a run is one part for all threads
     * @param perThread parts of a run, at most: several leave some to the others where a thread is held up
     */
    SlotParts(StepSessions sessions, int slots, int span, int perThread, Binder binder) {
        this.sessions = sessions;
        this.span = span;
        this.binder = binder;
        this.bindings = new Binding[slots][];
        this.choices = new PartChoice[logarithm(slots) + 1];
        int threads = span == 1 ? sessions.team().size() : 1;
        int most = threads == 1 ? 1 : threads * perThread;
        Arrays.setAll(choices, i -> new PartChoice(1 << i, most));
    }

    /** Runs slots 0 to batch - 1. */
    void run(int batch) throws GraphException {
        PartChoice choice = choice(batch);
        long begun = System.nanoTime();
        inParts(batch, choice.next());
        choice.took(batch, System.nanoTime() - begun);
    }

    /** Runs some slots by the calling thread, whatever others run at the same time. */
    void run(int first, int slots) throws GraphException {
        run(binding(first, slots));
    }

    /** What finds out in how many parts so many slots are run quickest. */
    PartChoice choice(int batch) {
        return choices[logarithm(batch)];
    }

    private static int logarithm(int slots) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(slots);
    }

    private void inParts(int batch, int parts) throws GraphException {
        if (parts == 1) {
            run(binding(0, batch));
            return;
        }
        sessions.team().run(parts, part -> {
            int first = part * batch / parts;
            run(first, (part + 1) * batch / parts - first);
        });
    }

    private void run(Binding binding) throws GraphException {
        try {
            sessions.of(span).run(binding.inputs(), binding.outputs()).close();
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a step (" + failed.getCode() + ")", failed);
        }
    }

    private synchronized Binding binding(int first, int slots) throws GraphException {
        if (bindings[first] == null) {
            bindings[first] = new Binding[bindings.length - first];
        }
        if (bindings[first][slots - 1] == null) {
            Binding made = new Binding(new HashMap<>(), new HashMap<>());
            try {
                binder.bind(first, slots, made.inputs(), made.outputs());
            } catch (OrtException refused) {
                throw new GraphException("ONNX Runtime refused the memory of a step", refused);
            }
            bindings[first][slots - 1] = made;
        }
        return bindings[first][slots - 1];
    }
}
