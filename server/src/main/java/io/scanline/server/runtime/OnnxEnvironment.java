package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;

/** The process-wide environment of ONNX Runtime, quiet and without telemetry. */
final class OnnxEnvironment {
    private OnnxEnvironment() {}

    static OrtEnvironment get() throws GraphException {
        OrtEnvironment environment =
                OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "scanline");
        try {
            environment.setTelemetry(false); // some builds have it on by default
        } catch (OrtException refused) {
            throw new GraphException("ONNX Runtime does not let its telemetry be switched off", refused);
        }
        return environment;
    }
}
