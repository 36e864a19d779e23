package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A loaded graph that works on a batch at once and keeps nothing: an encoder, a decoder. */
public final class BatchGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<BatchTensor> inputs;
    private final List<BatchTensor> outputs;
    private final List<ConstantInput> constants = new ArrayList<>();

    private BatchGraph(
            OrtEnvironment environment, OrtSession session, List<BatchTensor> inputs, List<BatchTensor> outputs) {
        this.environment = environment;
        this.session = session;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** Loads a graph that has no inputs but those that the contract knows, on the CPU. */
    public static BatchGraph load(byte[] onnx, List<BatchTensor> inputs, List<BatchTensor> outputs, int threads)
            throws GraphException {
        return load(onnx, inputs, outputs, Map.of(), Compute.cpu(threads));
    }

    /**
     * Loads a graph and checks its inputs and outputs against the description.
     *
     * @param onnx the ONNX file
     * @param inputs all of its inputs
     * @param outputs those of its outputs that are wanted
     * @param constants the numbers that fill inputs of which the contract knows nothing, by their names in the graph
     * @param compute what it is computed with
     * @throws GraphException when it is no ONNX graph or not the one described
     */
    public static BatchGraph load(
            byte[] onnx, List<BatchTensor> inputs, List<BatchTensor> outputs, Map<String, Double> constants,
            Compute compute) throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        OrtSession session = StepSessions.session(environment, onnx, compute);
        BatchGraph graph = new BatchGraph(environment, session, inputs, outputs);
        try {
            graph.check(constants);
        } catch (OrtException unreadable) {
            graph.close();
            throw new GraphException("ONNX Runtime cannot tell the inputs and outputs of the graph", unreadable);
        } catch (GraphException mismatch) {
            graph.close();
            throw mismatch;
        }
        return graph;
    }

    private void check(Map<String, Double> filled) throws OrtException, GraphException {
        Map<String, NodeInfo> found = session.getInputInfo();
        Set<String> unknown = new HashSet<>(found.keySet());
        for (BatchTensor input : inputs) {
            FormAdvice.require(found, input);
            if (!unknown.remove(input.name())) {
                throw new GraphException("the description uses the tensor \"" + input.name() + "\" twice");
            }
        }
        for (Map.Entry<String, Double> constant : filled.entrySet()) {
            if (found.containsKey(constant.getKey()) && !unknown.remove(constant.getKey())) {
                throw new GraphException("the description uses the tensor \"" + constant.getKey() + "\" twice");
            }
            constants.add(ConstantInput.of(found, constant.getKey(), constant.getValue()));
        }
        if (!unknown.isEmpty()) {
            throw new GraphException("the graph wants inputs that the description does not name: " + unknown
                    + "; name them in tensors, or say in constants what fills them");
        }
        Set<String> seen = new HashSet<>();
        for (BatchTensor output : outputs) {
            FormAdvice.require(session.getOutputInfo(), output);
            if (!seen.add(output.name())) {
                throw new GraphException("the description uses the tensor \"" + output.name() + "\" twice");
            }
        }
    }

    /**
     * Takes the memory for batches up to this size, or of one item if the graph takes no more.
     *
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public BatchProgram newProgram(int largest) throws GraphException {
        boolean batches = Stream.concat(inputs.stream(), outputs.stream()).allMatch(BatchTensor::batches);
        return BatchProgram.bind(environment, session, inputs, outputs, constants, batches ? largest : 1);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException impossible) {
            throw new IllegalStateException("ONNX Runtime did not release a session", impossible);
        }
    }
}
