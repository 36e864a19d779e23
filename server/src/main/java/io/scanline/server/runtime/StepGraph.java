package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;

/**
 * A loaded step graph, together with its row graph if it has one, on the CPU. Its programs may run at the same time on
 * different threads.
 */
public final class StepGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final StepSessions sessions;
    private final TensorNames names;
    private final RowGraph row; // null: none
    private final StepShape shape;

    private StepGraph(
            OrtEnvironment environment, StepSessions sessions, TensorNames names, RowGraph row, StepShape shape) {
        this.environment = environment;
        this.sessions = sessions;
        this.names = names;
        this.row = row;
        this.shape = shape;
    }

    /**
     * Loads a step graph and its row graph and checks their inputs and outputs against the description.
     *
     * @param threads threads that compute one run of more than one position
     * @throws GraphException when a file is no ONNX graph or not the one described; the message begins with its path
     */
    public static StepGraph load(StepSource source, int threads) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        StepShape shape = source.shape();
        GraphSignature signature = GraphSignature.step(shape);
        TensorNames names = names(source.step(), signature);
        StepSessions sessions = open(environment, source.step(), signature, names, threads);
        try {
            RowGraph row = source.row() == null ? null : row(environment, source, threads);
            return new StepGraph(environment, sessions, names, row, shape);
        } catch (GraphException refused) {
            sessions.close();
            throw refused;
        }
    }

    private static RowGraph row(OrtEnvironment environment, StepSource source, int threads) throws GraphException {
        GraphSignature signature = GraphSignature.row(source.shape());
        TensorNames names = names(source.row(), signature);
        return new RowGraph(open(environment, source.row(), signature, names, threads), names);
    }

    private static TensorNames names(GraphFile file, GraphSignature signature) throws GraphException {
        try {
            return new TensorNames(file.tensors(), signature);
        } catch (GraphException lacking) {
            throw lacking.in(file);
        }
    }

    private static StepSessions open(
            OrtEnvironment environment, GraphFile file, GraphSignature signature, TensorNames names, int threads)
            throws GraphException {
        StepSessions sessions = null;
        try {
            sessions = StepSessions.open(environment, file.onnx(), threads);
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
        return StepState.allocate(environment, shape, names, row, slots);
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
        return OrtStepProgram.bind(environment, sessions, shape, names, state, span);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
        if (row != null) {
            row.close();
        }
    }
}
