package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A loaded graph that works on a batch at once and keeps nothing: an encoder, a decoder. On the CPU. */
public final class BatchGraph implements AutoCloseable {
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final List<BatchTensor> inputs;
    private final List<BatchTensor> outputs;

    private BatchGraph(
            OrtEnvironment environment, OrtSession session, List<BatchTensor> inputs, List<BatchTensor> outputs) {
        this.environment = environment;
        this.session = session;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /**
     * Loads a graph and checks its inputs and outputs against the description.
     *
     * @param onnx the ONNX file
     * @param inputs all of its inputs
     * @param outputs those of its outputs that are wanted
     * @param threads threads that compute one run
     * @throws GraphException when it is no ONNX graph or not the one described
     */
    public static BatchGraph load(byte[] onnx, List<BatchTensor> inputs, List<BatchTensor> outputs, int threads)
            throws GraphException {
        OrtEnvironment environment = OnnxEnvironment.get();
        OrtSession session = StepSessions.session(environment, onnx, threads);
        BatchGraph graph = new BatchGraph(environment, session, inputs, outputs);
        try {
            graph.check();
        } catch (OrtException unreadable) {
            graph.close();
            throw new GraphException("ONNX Runtime cannot tell the inputs and outputs of the graph", unreadable);
        } catch (GraphException mismatch) {
            graph.close();
            throw mismatch;
        }
        return graph;
    }

    private void check() throws OrtException, GraphException {
        Map<String, NodeInfo> found = session.getInputInfo();
        Set<String> unknown = new HashSet<>(found.keySet());
        for (BatchTensor input : inputs) {
            GraphSignature.require(found, input.name(), input.type(), input.shape(GraphSignature.ANY));
            if (!unknown.remove(input.name())) {
                throw new GraphException("the description uses the tensor \"" + input.name() + "\" twice");
            }
        }
        if (!unknown.isEmpty()) {
            throw new GraphException("the graph wants inputs that the description does not name: " + unknown);
        }
        Set<String> seen = new HashSet<>();
        for (BatchTensor output : outputs) {
            GraphSignature.require(session.getOutputInfo(), output.name(), output.type(),
                    output.shape(GraphSignature.ANY));
            if (!seen.add(output.name())) {
                throw new GraphException("the description uses the tensor \"" + output.name() + "\" twice");
            }
        }
    }

    /**
     * Takes the memory for batches up to this size.
     *
     * @throws GraphException when one tensor would not fit into 2 GiB
     * @throws OutOfMemoryError when the memory cannot be had
     */
    public BatchProgram newProgram(int largest) throws GraphException {
        return BatchProgram.bind(environment, session, inputs, outputs, largest);
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
