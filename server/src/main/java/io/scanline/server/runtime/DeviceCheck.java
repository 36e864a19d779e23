package io.scanline.server.runtime;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import java.util.Optional;

/** Whether a device can be used by this process. */
public final class DeviceCheck {
    private DeviceCheck() {}

    /** Whether the ONNX Runtime that is installed was built for a device, be it there or not. */
    public static boolean builtFor(Device device) throws GraphException {
        OnnxEnvironment.get(); // loads the library
        return device.isCpu() || OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    }

    /** What keeps a device from being used, in a few words; empty: it has computed something. */
    public static Optional<String> fault(Device device) {
        if (device.isCpu()) {
            return Optional.empty();
        }
        try {
            if (!builtFor(device)) {
                return Optional.of("this ONNX Runtime was built without CUDA");
            }
            try (MatrixProduct product = new MatrixProduct(new Compute(1, device))) {
                product.operationsPerSecond();
            }
            return Optional.empty();
        } catch (GraphException refused) {
            String why = refused.getCause() == null ? refused.getMessage() : refused.getCause().getMessage();
            return Optional.of(why.lines().findFirst().orElse("it does not open"));
        }
    }
}
