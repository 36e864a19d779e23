package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;

/** A loaded graph that decides several values of every slot in a run. Its programs may run at the same time. */
public final class ChunkGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final StepSessions sessions;
    private final TensorNames names;
    private final ChunkShape shape;

    private ChunkGraph(OrtEnvironment environment, StepSessions sessions, TensorNames names, ChunkShape shape) {
        this.environment = environment;
        this.sessions = sessions;
        this.names = names;
        this.shape = shape;
    }

    /**
     * Loads a graph and checks its inputs and outputs against the description.
     *
     * @param compute what it is computed with; the threads are those of a run of more than one slot
     * @throws GraphException when the file is no ONNX graph or not the one described; the message begins with its path
     */
    public static ChunkGraph load(GraphFile file, ChunkShape shape, Compute compute) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        GraphSignature signature = GraphSignature.chunk(shape);
        StepSessions sessions = null;
        try {
            TensorNames names = new TensorNames(file.tensors(), signature);
            sessions = StepSessions.open(environment, file.onnx(), compute);
            signature.check(sessions.of(1), names);
            return new ChunkGraph(environment, sessions, names, shape);
        } catch (GraphException mismatch) {
            if (sessions != null) {
                sessions.close();
            }
            throw mismatch.in(file);
        }
    }

    /** Its sizes. */
    public ChunkShape shape() {
        return shape;
    }

    /**
     * Takes the memory for so many images at once.
     *
     * @param span values of every image that a run decides, N
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public ChunkProgram newProgram(int slots, int span) throws GraphException {
        return new OrtChunkProgram(environment, sessions, names, shape, slots, span);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
    }
}
