package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;

/**
 * The sessions of one graph: one with all threads, and one with a single thread for runs of a single position. Those
 * are matrix-vector products, over before a second thread has woken up, and were slower with two threads. The numbers
 * are the same in both.
 */
final class StepSessions implements AutoCloseable {
    private final OrtSession wide;
    private final OrtSession narrow;

    private StepSessions(OrtSession wide, OrtSession narrow) {
        this.wide = wide;
        this.narrow = narrow;
    }

    static StepSessions open(OrtEnvironment environment, byte[] onnx, int threads) throws GraphException {
        OrtSession wide = session(environment, onnx, threads);
        if (threadsFor(1, threads) == threads) {
            return new StepSessions(wide, wide);
        }
        try {
            return new StepSessions(wide, session(environment, onnx, threadsFor(1, threads)));
        } catch (GraphException refused) {
            close(wide);
            throw refused;
        }
    }

    /** Threads, of those there are, that a run of so many positions in all slots is given. */
    static int threadsFor(int positions, int threads) {
        return positions == 1 ? 1 : threads;
    }

    static OrtSession session(OrtEnvironment environment, byte[] onnx, int threads) throws GraphException {
        try (OrtSession.SessionOptions options = options(threads)) {
            return environment.createSession(onnx, options);
        } catch (OrtException refused) {
            throw new GraphException("ONNX Runtime cannot load the graph (" + refused.getCode() + ")", refused);
        }
    }

    /** Those of every session of steps; the caller closes them. */
    static OrtSession.SessionOptions options(int threads) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        // Spinning workers slow a shared machine down: other models, the transport and they want the cores.
        options.addConfigEntry("session.intra_op.allow_spinning", "0");
        return options;
    }

    /** The session for a run of so many positions in all slots. */
    OrtSession of(int positions) {
        return positions == 1 ? narrow : wide;
    }

    /** The session for a window of one slot of so many positions, up to four of which a second thread makes no quicker. */
    OrtSession ofWindow(int positions) {
        return positions <= 4 ? narrow : wide;
    }

    @Override
    public void close() {
        close(wide);
        if (narrow != wide) {
            close(narrow);
        }
    }

    private static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException impossible) {
            throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
        }
    }
}
