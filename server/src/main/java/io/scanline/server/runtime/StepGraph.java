package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/** A loaded step graph, on the CPU. Its programs may run at the same time on different threads. */
public final class StepGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final StepShape shape;
    private final StepNames names;

    private StepGraph(OrtEnvironment environment, OrtSession session, StepShape shape, StepNames names) {
        this.environment = environment;
        this.session = session;
        this.shape = shape;
        this.names = names;
    }

    /**
     * Loads a step graph and checks its inputs and outputs against the description.
     *
     * @param onnx the ONNX file
     * @param shape described sizes
     * @param tensors described tensor names by contract name, see Graph.tensors in bundle.proto
     * @param threads threads that compute one run
     * @throws GraphException when it is no ONNX graph or not the one described
     */
    public static StepGraph load(byte[] onnx, StepShape shape, Map<String, String> tensors, int threads)
            throws GraphException {
        StepNames names = StepNames.of(tensors, shape);
        OrtEnvironment environment = environment();
        OrtSession session = open(environment, onnx, threads);
        try {
            new StepSignature(shape, names).check(session);
        } catch (GraphException mismatch) {
            close(session);
            throw mismatch;
        }
        return new StepGraph(environment, session, shape, names);
    }

    static OrtEnvironment environment() {
        return OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "scanline");
    }

    static OrtSession open(OrtEnvironment environment, byte[] onnx, int threads) throws GraphException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // Spinning workers slow a shared machine to a fraction: other models, the transport and they want the cores.
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            return environment.createSession(onnx, options);
        } catch (OrtException refused) {
            throw new GraphException("ONNX Runtime cannot load the graph (" + refused.getCode() + ")", refused);
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
        return OrtStepProgram.bind(environment, session, shape, names, cache, span);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        close(session);
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException impossible) {
            throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
        }
    }
}
