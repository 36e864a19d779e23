package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;

/**
 * The sessions of one graph, and how a run is spread over the threads. One session has all threads, for several positions
 * of a slot; the other has a single one, for one position of every slot: steps are computed in parts, see {@link SlotParts}.
 * The numbers are the same in both.
 */
final class StepSessions implements AutoCloseable {
    private final OrtSession wide;
    private final OrtSession narrow;
    private final Team team;

    private StepSessions(OrtSession wide, OrtSession narrow, Team team) {
        this.wide = wide;
        this.narrow = narrow;
        this.team = team;
    }

    /**
     * Loads a graph.
     *
     * @param spans whether a run may compute several positions of a slot, which all threads then share
     */
    static StepSessions open(OrtEnvironment environment, byte[] onnx, Compute compute, boolean spans)
            throws GraphException {
        boolean parted = compute.device().isCpu();
        OrtSession narrow = session(environment, onnx, parted ? compute.with(1) : compute);
        Team team = new Team(parted ? compute.threads() : 1);
        if (team.size() == 1 || !spans) {
            return new StepSessions(narrow, narrow, team);
        }
        try {
            return new StepSessions(session(environment, onnx, compute), narrow, team);
        } catch (GraphException refused) {
            close(narrow);
            throw refused;
        }
    }

    /** Threads that a loop without parts gives a run of so many positions in all slots; more make one position slower. */
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

    /** What computes the parts of a run; nobody is there to share it with on a GPU. */
    Team team() {
        return team;
    }

    /** The session for a run, or a part of one, of so many positions of every slot. */
    OrtSession of(int positions) {
        return positions == 1 ? narrow : wide;
    }

    @Override
    public void close() {
        team.close();
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
