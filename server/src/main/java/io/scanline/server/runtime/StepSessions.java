package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;

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

    static StepSessions open(OrtEnvironment environment, byte[] onnx, Compute compute) throws GraphException {
        OrtSession wide = session(environment, onnx, compute);
        int alone = threadsFor(1, compute.threads());
        if (alone == compute.threads() || !compute.device().isCpu()) {
            return new StepSessions(wide, wide);
        }
        try {
            return new StepSessions(wide, session(environment, onnx, compute.with(alone)));
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
        return session(environment, onnx, Compute.cpu(threads));
    }

    static OrtSession session(OrtEnvironment environment, byte[] onnx, Compute compute) throws GraphException {
        try (OrtSession.SessionOptions options = options(compute.threads())) {
            if (!compute.device().isCpu()) {
                addCuda(options, compute.device().cuda());
            }
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

    /** What has no kernel there is left to the CPU by ONNX Runtime, with copies to and fro. */
    private static void addCuda(OrtSession.SessionOptions options, int index) throws OrtException {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(index)) {
            // Products of float32 are not rounded to 10 bits, which golden samples would not bear, and kernels are not
            // chosen by a race between them: two starts of a server must not compute in different ways.
            cuda.add("use_tf32", "0");
            cuda.add("cudnn_conv_algo_search", "HEURISTIC");
            options.addCUDA(cuda);
        }
        options.setDeterministicCompute(true);
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
