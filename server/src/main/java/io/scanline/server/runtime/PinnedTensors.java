package io.scanline.server.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * One set of tensors of a graph, all zeros at first. A cache of keys and values is in place: what is past is the memory
 * of what is present.
 */
final class PinnedTensors implements AutoCloseable {
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxValue> outputs = new HashMap<>();
    private final Map<String, ByteBuffer> buffers = new HashMap<>(); // of the inputs, by contract name
    private final Map<String, OnnxTensor> caches = new HashMap<>(); // by the contract name of the output

    /** For runs of one position of so many slots. */
    PinnedTensors(OrtEnvironment environment, GraphSignature signature, TensorNames names, int slots)
            throws OrtException {
        for (TensorSpec spec : signature.inputs()) {
            OnnxTensor tensor = tensor(environment, spec, slots);
            inputs.put(names.of(spec.role()), tensor);
            if (spec.role().startsWith("past_")) {
                caches.put("present_" + spec.role().substring("past_".length()), tensor);
            }
        }
        for (TensorSpec spec : signature.outputs()) {
            OnnxTensor inPlace = caches.get(spec.role());
            outputs.put(names.of(spec.role()), inPlace == null ? tensor(environment, spec, slots) : inPlace);
        }
    }

    private OnnxTensor tensor(OrtEnvironment environment, TensorSpec spec, int slots) throws OrtException {
        long[] dimensions = spec.dimensions().clone();
        long bytes = spec.type().size;
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] == GraphSignature.ANY) {
                dimensions[i] = i == 0 ? slots : 1;
            }
            bytes *= dimensions[i];
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
        buffers.put(spec.role(), buffer);
        return OnnxTensor.createTensor(environment, buffer, dimensions, spec.type());
    }

    Map<String, OnnxTensor> inputs() {
        return inputs;
    }

    Map<String, OnnxValue> outputs() {
        return outputs;
    }

    /** The memory of a tensor, in native byte order; null when the graph has none of this contract name. */
    ByteBuffer buffer(String role) {
        return buffers.get(role);
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
        outputs.forEach((name, tensor) -> {
            if (!caches.containsValue(tensor)) {
                tensor.close();
            }
        });
    }
}
