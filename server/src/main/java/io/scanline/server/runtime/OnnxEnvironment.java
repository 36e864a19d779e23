package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The process-wide environment of ONNX Runtime, quiet and without telemetry.
 *
 * <p>ONNX Runtime 1.29 for Linux reports use to its makers by default. Switching that off here stops all reports but a
 * first one about the process; only {@code ORT_DISABLE_TELEMETRY=1} in the environment of the process stops that too.
 */
final class OnnxEnvironment {
    private static final String OPT_OUT = "ORT_DISABLE_TELEMETRY";
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    /** That first report crashes the process when the command line is longer than just below 4 KiB. */
    private static final int LONGEST_COMMAND_LINE = 3072;

    private OnnxEnvironment() {}

    static OrtEnvironment get() throws GraphException {
        if (!"1".equals(System.getenv(OPT_OUT)) && commandLineBytes() > LONGEST_COMMAND_LINE) {
            throw new GraphException("ONNX Runtime would crash on a command line this long; start the server with"
                    + " java -jar or a shorter class path, or set " + OPT_OUT + "=1");
        }
        OrtEnvironment environment =
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "scanline");
        try {
            environment.setTelemetry(false);
        } catch (OrtException refused) {
            throw new GraphException("ONNX Runtime does not let its telemetry be switched off", refused);
        }
        return environment;
    }

    private static int commandLineBytes() {
        try {
            return Files.readAllBytes(COMMAND_LINE).length;
        } catch (IOException notLinux) {
            return 0; // no such file, and no such crash
        }
    }
}
