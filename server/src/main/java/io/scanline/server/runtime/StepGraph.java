package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;

/**
 * A loaded step graph, together with its row graph if it has one. Its programs may run at the same time on different
 * threads. One with keys and values is computed by the CPU whatever is asked for: their attention has no CUDA kernel in
 * float32, nor has CUDA a way to keep them from run to run.
 */
public final class StepGraph implements AutoCloseable {
    /** Positions of the longest window. */
    public static final int LONGEST_WINDOW = 32;

    private final OrtEnvironment environment;
    private final StepSessions sessions;
    private final TensorNames names;
    private final StepShape shape;
    private RowGraph row; // null: none
    private WindowGraph window; // null: none

    /**
     * A loaded window graph.
     *
     * @param slotwise whether slots are a dimension of their own, rather than all positions of all slots rows of a batch
     */
    private record WindowGraph(StepSessions sessions, TensorNames names, boolean slotwise) {}

    private StepGraph(OrtEnvironment environment, StepSessions sessions, TensorNames names, StepShape shape) {
        this.environment = environment;
        this.sessions = sessions;
        this.names = names;
        this.shape = shape;
    }

    /** The same on the CPU, with so many threads. */
    public static StepGraph load(StepSource source, int threads) throws GraphException {
        return load(source, Compute.cpu(threads));
    }

    /**
     * Loads a step graph, its row graph and its window graph and checks their inputs and outputs against the
     * description.
     *
     * @param asked what it is computed with; the threads are those of a run of more than one position
     * @throws GraphException when a file is no ONNX graph or not the one described; the message begins with its path
     */
    public static StepGraph load(StepSource source, Compute asked) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        StepShape shape = source.shape();
        Compute compute = shape.state().keyValues() == null ? asked : asked.onCpu();
        GraphSignature signature = GraphSignature.step(shape);
        TensorNames names = names(source.step(), signature);
        StepSessions sessions = open(environment, source.step(), signature, names, compute, shape.takesSpans());
        StepGraph graph = new StepGraph(environment, sessions, names, shape);
        try {
            graph.row = source.row() == null ? null : row(environment, source, compute);
            graph.window = source.window() == null ? null : window(environment, source, compute);
            return graph;
        } catch (GraphException refused) {
            graph.close();
            throw refused;
        }
    }

    private static WindowGraph window(OrtEnvironment environment, StepSource source, Compute compute)
            throws GraphException {
        TensorNames names = names(source.window(), GraphSignature.window(source.shape(), false));
        try {
            // Its models are small: at 16 positions a second thread took as much time as it saved.
            StepSessions sessions = StepSessions.open(environment, source.window().onnx(), compute.with(1), false);
            try {
                boolean slotwise = slotwise(sessions.of(1), names, source.shape());
                GraphSignature.window(source.shape(), slotwise).check(sessions.of(1), names);
                return new WindowGraph(sessions, names, slotwise);
            } catch (GraphException mismatch) {
                sessions.close();
                throw mismatch;
            }
        } catch (GraphException refused) {
            throw refused.in(source.window());
        }
    }

    /** Whether what is read of a memory, [n,Q,C] or [Q,C], is laid out by slots. */
    private static boolean slotwise(OrtSession session, TensorNames names, StepShape shape) throws GraphException {
        try {
            for (int m = 0; m < shape.state().memories().size(); m++) {
                NodeInfo read = session.getInputInfo().get(names.of("read", m));
                if (read != null && read.getInfo() instanceof TensorInfo tensor) {
                    return tensor.getShape().length == 3;
                }
            }
            return false;
        } catch (OrtException unreadable) {
            throw new GraphException("ONNX Runtime cannot tell the inputs of the graph", unreadable);
        }
    }

    private static RowGraph row(OrtEnvironment environment, StepSource source, Compute compute) throws GraphException {
        GraphSignature signature = GraphSignature.row(source.shape());
        TensorNames names = names(source.row(), signature);
        return new RowGraph(open(environment, source.row(), signature, names, compute, false), names);
    }

    private static TensorNames names(GraphFile file, GraphSignature signature) throws GraphException {
        try {
            return new TensorNames(file.tensors(), signature);
        } catch (GraphException lacking) {
            throw lacking.in(file);
        }
    }

    private static StepSessions open(
            OrtEnvironment environment, GraphFile file, GraphSignature signature, TensorNames names, Compute compute,
            boolean spans) throws GraphException {
        StepSessions sessions = null;
        try {
            sessions = StepSessions.open(environment, file.onnx(), compute, spans);
            signature.check(sessions.of(1), names);
            return sessions;
        } catch (GraphException mismatch) {
            if (sessions != null) {
                sessions.close();
            }
            throw mismatch.in(file);
        }
    }

    /** Its sizes. */
    public StepShape shape() {
        return shape;
    }

    /**
     * Takes the memory for the state of so many images.
     *
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public StepState newState(int slots) throws GraphException {
        return newState(slots, LONGEST_WINDOW);
    }

    /**
     * The same for programs that compute more positions of a slot in a run than a window has.
     *
     * @param longestRun positions of a slot that a run computes at most
     */
    public StepState newState(int slots, int longestRun) throws GraphException {
        return StepState.allocate(environment, shape, names, row, slots, longestRun);
    }

    /**
     * A program over a state. Several programs may share one state as long as only one of them is used at a time.
     *
     * @param state its slots are the program's
     * @param span positions of every slot in one run; 1 unless {@link StepShape#takesSpans}
     */
    public StepProgram newProgram(StepState state, int span) throws GraphException {
        if (span != 1 && !shape.takesSpans()) {
            throw new GraphException("the graph takes one position of a slot in a run, not " + span);
        }
        return new OrtStepProgram(environment, sessions, shape, names, state, span);
    }

    /** Whether one run can try several positions of a slot. */
    public boolean takesWindows() {
        return (shape.takesSpans() || window != null) && shape.condition() == 0; // windows are shown no texts
    }

    /**
     * Whether windows give the very logits of steps on every machine: the positions of such a window graph are rows of a
     * batch, of which each is computed alike in every batch. A window graph that has a dimension for slots means to add up
     * in the order of steps; whether ONNX Runtime does is to be tried. Attention of several positions over keys and values
     * adds up in another order than that of one: the logits of the models tried differed by up to 3e-6 of about 10.
     */
    public boolean windowsAreExact() {
        return window != null && !window.slotwise;
    }

    /** Slots, of so many, that one run of a window program takes at most. */
    public int windowSlots(int slots) {
        return window != null && !window.slotwise ? slots : 1;
    }

    /**
     * A window program over a state that other programs use in turns with it.
     *
     * @param slots windows of one run, 1 to {@link #windowSlots}
     * @param positions of every window
     */
    public WindowProgram newWindow(StepState state, int slots, int positions) throws GraphException {
        if (window != null && slots <= windowSlots(slots)) {
            return MemoryWindow.bind(
                    environment, window.sessions, shape, window.names, state, slots, positions, window.slotwise);
        }
        if (slots != 1 || !shape.takesSpans() || !takesWindows()) {
            throw new GraphException("the graph takes no windows of " + slots + " slots");
        }
        return SpanWindow.bind(environment, sessions, shape, names, state, positions);
    }

    /** Threads that work side by side. */
    public Team team() {
        return sessions.team();
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
        if (window != null) {
            window.sessions.close();
        }
        if (row != null) {
            row.close();
        }
    }
}
