package io.scanline.server.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
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
    private final Map<String, Slot> inputs = new HashMap<>();
    private final Map<String, Slot> outputs = new HashMap<>();
    private final List<OnnxTensor> owned = new ArrayList<>();
    private final List<Map<String, OnnxTensor>> given = new ArrayList<>(); // by batch size less 1
    private final List<Map<String, OnnxTensor>> pinned = new ArrayList<>();

    /** One tensor: what the caller sees, and what the runtime sees. One of the two arrays is null. */
    private record Slot(BatchTensor tensor, Buffer direct, float[] floats, long[] longs) {
        static Slot of(BatchTensor tensor, int largest) throws GraphException {
            long numbers = tensor.size() * largest;
            long bytes = numbers * (tensor.integers() ? Long.BYTES : Float.BYTES);
            if (bytes > Integer.MAX_VALUE) {
                throw new GraphException("tensor \"" + tensor.name() + "\" of " + largest + " items takes " + bytes
                        + " bytes; one tensor can have at most " + Integer.MAX_VALUE);
            }
            ByteBuffer memory = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
            return tensor.integers()
                    ? new Slot(tensor, memory.asLongBuffer(), null, new long[(int) numbers])
                    : new Slot(tensor, memory.asFloatBuffer(), new float[(int) numbers], null);
        }

        OnnxTensor bind(OrtEnvironment environment, int batch) throws OrtException {
            int numbers = (int) tensor.size() * batch;
            return direct instanceof LongBuffer whole
                    ? OnnxTensor.createTensor(environment, whole.slice(0, numbers), tensor.shape(batch))
                    : OnnxTensor.createTensor(
                            environment, ((FloatBuffer) direct).slice(0, numbers), tensor.shape(batch));
        }

        void give(int batch) {
            int numbers = (int) tensor.size() * batch;
            if (direct instanceof LongBuffer whole) {
                whole.put(0, longs, 0, numbers);
            } else {
                ((FloatBuffer) direct).put(0, floats, 0, numbers);
            }
        }

        void take(int batch) {
            int numbers = (int) tensor.size() * batch;
            if (direct instanceof LongBuffer whole) {
                whole.get(0, longs, 0, numbers);
            } else {
                ((FloatBuffer) direct).get(0, floats, 0, numbers);
            }
        }
    }

    private BatchProgram(OrtSession session, int largest) {
        this.session = session;
        this.largest = largest;
    }

    static BatchProgram bind(
            OrtEnvironment environment, OrtSession session, List<BatchTensor> inputs, List<BatchTensor> outputs,
            int largest) throws GraphException {
        BatchProgram program = new BatchProgram(session, largest);
        for (BatchTensor input : inputs) {
            program.inputs.put(input.role(), Slot.of(input, largest));
        }
        for (BatchTensor output : outputs) {
            program.outputs.put(output.role(), Slot.of(output, largest));
        }
        try {
            for (int batch = 1; batch <= largest; batch++) {
                program.given.add(program.bind(environment, program.inputs, batch));
                program.pinned.add(program.bind(environment, program.outputs, batch));
            }
        } catch (OrtException refused) {
            program.close();
            throw new GraphException("ONNX Runtime refused the memory of the inputs and outputs", refused);
        }
        return program;
    }

    private Map<String, OnnxTensor> bind(OrtEnvironment environment, Map<String, Slot> slots, int batch)
            throws OrtException {
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (Slot slot : slots.values()) {
            OnnxTensor tensor = slot.bind(environment, batch);
            owned.add(tensor);
            tensors.put(slot.tensor().name(), tensor);
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
        inputs.values().forEach(slot -> slot.give(batch));
        try (OrtSession.Result result = session.run(given.get(batch - 1), pinned.get(batch - 1))) {
            outputs.values().forEach(slot -> slot.take(batch));
        } catch (OrtException failed) {
            throw new GraphException("ONNX Runtime failed a run (" + failed.getCode() + ")", failed);
        }
    }

    @Override
    public void close() {
        owned.forEach(OnnxTensor::close);
    }
}
