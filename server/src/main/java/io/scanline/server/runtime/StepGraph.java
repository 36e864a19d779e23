package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import java.util.Map;

/** A loaded step graph, on the CPU. Its programs may run at the same time on different threads. */
public final class StepGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final StepSessions sessions;
    private final StepShape shape;
    private final StepNames names;

    private StepGraph(OrtEnvironment environment, StepSessions sessions, StepShape shape, StepNames names) {
        this.environment = environment;
        this.sessions = sessions;
        this.shape = shape;
        this.names = names;
    }

    /**
     * Loads a step graph and checks its inputs and outputs against the description.
     *
     * @param onnx the ONNX file
     * @param shape described sizes
     * @param tensors described tensor names by contract name, see Graph.tensors in bundle.proto
     * @param threads threads that compute one run of more than one position
     * @throws GraphException when it is no ONNX graph or not the one described
     */
    public static StepGraph load(byte[] onnx, StepShape shape, Map<String, String> tensors, int threads)
            throws GraphException {
        StepNames names = StepNames.of(tensors, shape);
        OrtEnvironment environment = OnnxEnvironment.get();
        StepSessions sessions = StepSessions.open(environment, onnx, threads);
        try {
            new StepSignature(shape, names).check(sessions.of(1));
        } catch (GraphException mismatch) {
            sessions.close();
            throw mismatch;
        }
        return new StepGraph(environment, sessions, shape, names);
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
    public StepCache newCache(int slots) throws GraphException {
        return StepCache.allocate(environment, shape, slots);
    }

    /**
     * A program over a cache. Several programs may share one cache as long as only one of them is used at a time.
     *
     * @param cache state; its slots are the program's
     * @param span positions of every slot in one run
     */
    public StepProgram newProgram(StepCache cache, int span) throws GraphException {
        return OrtStepProgram.bind(environment, sessions, shape, names, cache, span);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        sessions.close();
    }
}
