package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;

/**
 * A loaded graph that decides several values of every slot in a run. Its programs may run at the same time.
 *
 * <p>On the CPU, which has no kernels for 16-bit floats and computes in float32 with roundings between, one thread
 * computes a run: the matrices of such a graph are not packed beforehand, and ONNX Runtime then cuts a product into
 * pieces by the columns that a thread gets, so that sums come out otherwise with two threads than with one.
 */
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
     * @param asked what it is computed with; of the CPU one thread, however many there are
     * @throws GraphException when the file is no ONNX graph or not the one described; the message begins with its path
     */
    public static ChunkGraph load(GraphFile file, ChunkShape shape, Compute asked) throws GraphException {
        Compute compute = asked.device().isCpu() ? Compute.cpu(1) : asked;
        OrtEnvironment environment = OnnxEnvironment.get();
        GraphSignature signature = GraphSignature.chunk(shape);
        StepSessions sessions = null;
        try {
            TensorNames names = new TensorNames(file.tensors(), signature);
            sessions = StepSessions.open(environment, file.onnx(), compute, true);
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
     * Takes the memory for so many images at once. What is computed of an image does not depend on how many others
     * there are.
     *
     * @param span values of every image that a run decides, N
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public ChunkProgram newProgram(int slots, int span) throws GraphException {
        return new OrtChunkProgram(environment, sessions, names, shape, slots, 2, span);
    }

    /** A program of one image whose runs compute that and nothing else, as golden samples were made. */
    public ChunkProgram newSingle(int span) throws GraphException {
        return new OrtChunkProgram(environment, sessions, names, shape, 1, 1, span);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
    }
}
