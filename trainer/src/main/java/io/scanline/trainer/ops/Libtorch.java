package io.scanline.trainer.ops;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/** The native libraries under {@link TorchOps}. */
public final class Libtorch {
    private static final String BUILT_FOR = "linux-x86_64";

    private Libtorch() {}

    /**
     * Loads the libraries and limits the threads of the calling thread's operations: to be called before anything else of
     * libtorch. The first call on a machine unpacks some hundred megabytes.
     *
     * @throws UnsupportedOperationException when they are not there for this platform; the message says what is
     */
    public static void load() {
        try {
            Loader.load(openblas.class);
            Loader.load(torch.class);
        } catch (LinkageError missing) {
            String platform = Loader.getPlatform();
            String reason = platform.equals(BUILT_FOR)
                    ? missing.getMessage()
                    : "this build of the trainer has it for " + BUILT_FOR + " only";
            throw new UnsupportedOperationException("libtorch cannot be loaded on " + platform + ": " + reason, missing);
        }
        limitThreads();
    }

    /**
     * One thread for every library underneath, since parallelism comes from our own threads: two pools of them on the same
     * cores were measured 10 times slower. To be called on every thread, because libtorch keeps it per thread.
     */
    public static void limitThreads() {
        openblas.blas_set_num_threads(1);
        torch.set_num_threads(1);
    }
}
