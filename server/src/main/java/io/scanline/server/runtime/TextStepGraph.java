package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;

/** A loaded graph that goes on with texts, on the CPU: what came before, an image too, is in its keys and values. */
public final class TextStepGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final StepSessions sessions;
    private final TensorNames names;
    private final TextStepShape shape;

    private TextStepGraph(OrtEnvironment environment, StepSessions sessions, TensorNames names, TextStepShape shape) {
        this.environment = environment;
        this.sessions = sessions;
        this.names = names;
        this.shape = shape;
    }

    /**
     * Loads a graph and checks its inputs and outputs against the description.
     *
     * @param threads threads that compute one run of more than one position
     * @throws GraphException when the file is no ONNX graph or not the one described; the message begins with its path
     */
    public static TextStepGraph load(GraphFile file, TextStepShape shape, int threads) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        GraphSignature signature = GraphSignature.textStep(shape);
        StepSessions sessions = null;
        try {
            TensorNames names = new TensorNames(file.tensors(), signature);
            sessions = StepSessions.open(environment, file.onnx(), Compute.cpu(threads), true);
            signature.check(sessions.of(1), names);
            return new TextStepGraph(environment, sessions, names, shape);
        } catch (GraphException mismatch) {
            if (sessions != null) {
                sessions.close();
            }
            throw mismatch.in(file);
        }
    }

    /** Its sizes. */
    public TextStepShape shape() {
        return shape;
    }

    /**
     * Takes the memory for so many sequences at once.
     *
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public TextStepProgram newProgram(int slots) throws GraphException {
        return newProgram(slots, TextStepProgram.LONGEST_PIECE);
    }

    /**
     * The same.
     *
     * @param longestPiece positions that one run of one slot computes at most
     */
    public TextStepProgram newProgram(int slots, int longestPiece) throws GraphException {
        return TextStepProgram.bind(environment, sessions, shape, names, slots, longestPiece);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
    }
}
