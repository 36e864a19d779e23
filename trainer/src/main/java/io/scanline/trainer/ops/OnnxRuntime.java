package io.scanline.trainer.ops;

import ai.onnxruntime.OrtEnvironment;
import org.bytedeco.pytorch.global.torch;

/** ONNX Runtime without its telemetry. */
public final class OnnxRuntime {
    private static final String OPT_OUT = "ORT_DISABLE_TELEMETRY";

    private OnnxRuntime() {}

    /**
     * The environment of this process; use no other way to get one.
     *
     * <p>ONNX Runtime 1.29 sends telemetry unless a variable forbids it before the environment is made. Besides, it first
     * matches the command line of the process by regular expressions that recurse for every character: a class path of 5 kB
     * was seen to overflow the stack of a Java thread, which ends the process without a word. Java cannot set a variable of
     * its own process, but libtorch can.
     */
    public static OrtEnvironment environment() {
        return Holder.ENVIRONMENT;
    }

    private static final class Holder {
        static final OrtEnvironment ENVIRONMENT = silent();

        private static OrtEnvironment silent() {
            Libtorch.load();
            torch.set_env(OPT_OUT, "1", true);
            return OrtEnvironment.getEnvironment();
        }
    }
}
