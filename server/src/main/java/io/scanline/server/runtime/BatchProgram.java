package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a graph on 1 to {@link #largest()} items at once. The caller fills the arrays of the inputs for items 0 to
 * batch - 1, calls {@link #run}, and reads those of the outputs. To be used by one thread at a time.
 *
 * <p>All tensors are made once, one set for every batch size, over direct buffers that are rewritten in place.
 */
public final class BatchProgram implements AutoCloseable {
    private final OrtSession session;
    private final int largest;
    private final Map<String, BatchPort> inputs = new HashMap<>();
    private final Map<String, BatchPort> outputs = new HashMap<>();
    private final List<OnnxTensor> owned = new ArrayList<>();
    private final List<Map<String, OnnxTensor>> given = new ArrayList<>(); // by batch size less 1
    private final List<Map<String, OnnxTensor>> pinned = new ArrayList<>();

    private BatchProgram(OrtSession session, int largest) {
        this.session = session;
        this.largest = largest;
    }

    static BatchProgram bind(
            OrtEnvironment environment, OrtSession session, List<BatchTensor> inputs, List<BatchTensor> outputs,
            List<ConstantInput> constants, int largest) throws GraphException {
        BatchProgram program = new BatchProgram(session, largest);
        for (BatchTensor input : inputs) {
            program.inputs.put(input.role(), BatchPort.of(input, largest));
        }
        for (BatchTensor output : outputs) {
            program.outputs.put(output.role(), BatchPort.of(output, largest));
        }
        try {
            for (int batch = 1; batch <= largest; batch++) {
                Map<String, OnnxTensor> given = program.bind(environment, program.inputs, batch);
                for (ConstantInput constant : constants) {
                    OnnxTensor filled = constant.bind(environment, batch);
                    program.owned.add(filled);
                    given.put(constant.name(), filled);
                }
                program.given.add(given);
                program.pinned.add(program.bind(environment, program.outputs, batch));
            }
        } catch (OrtException refused) {
            program.close();
            throw new GraphException("ONNX Runtime refused the memory of the inputs and outputs", refused);
        }
        return program;
    }

    private Map<String, OnnxTensor> bind(OrtEnvironment environment, Map<String, BatchPort> slots, int batch)
            throws OrtException {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (BatchPort port : slots.values()) {
            OnnxTensor tensor = port.bind(environment, batch);
            owned.add(tensor);
            tensors.put(port.tensor().name(), tensor);
        }
        return tensors;
    }

    /** Items of the largest batch. */
    public int largest() {
        return largest;
    }

    /** Float input of this role, item by item; null when the graph has none. */
    public float[] floatInput(String role) {
        return inputs.containsKey(role) ? inputs.get(role).floats() : null;
    }

    /** Integer input of this role, item by item; null when the graph has none. */
    public long[] longInput(String role) {
        return inputs.containsKey(role) ? inputs.get(role).longs() : null;
    }

    /** Float output of this role in the last run, item by item; null when the graph has none. */
    public float[] floatOutput(String role) {
        return outputs.containsKey(role) ? outputs.get(role).floats() : null;
    }

    /** Integer output of this role in the last run, item by item; null when the graph has none. */
    public long[] longOutput(String role) {
        return outputs.containsKey(role) ? outputs.get(role).longs() : null;
    }

    /**
     * Computes items 0 to batch - 1.
     *
     * @throws GraphException when the graph fails
     */
    public void run(int batch) throws GraphException {
        inputs.values().forEach(port -> port.give(batch));
        try (OrtSession.Result result = session.run(given.get(batch - 1), pinned.get(batch - 1))) {
            outputs.values().forEach(port -> port.take(batch));
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a run (" + failed.getCode() + ")", failed);
        }
    }

    @Override
    public void close() {
        owned.forEach(OnnxTensor::close);
    }
}
