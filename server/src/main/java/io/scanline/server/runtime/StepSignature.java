package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What the inputs and outputs of a step graph must look like. */
record StepSignature(StepShape shape, StepNames names) {
    /** A dimension that every run may choose: slots or positions. */
    static final long ANY = -1;

    /** Compares a loaded graph with it. */
    void check(OrtSession session) throws GraphException {
        try {
            checkInputs(session.getInputInfo());
            checkOutputs(session.getOutputInfo());
        } catch (OrtException unreadable) {
            throw new GraphException("ONNX Runtime cannot tell the inputs and outputs of the graph", unreadable);
        }
    }

    private void checkInputs(Map<String, NodeInfo> inputs) throws GraphException {
        require(inputs, names.context(), OnnxJavaType.INT64, ANY, ANY, shape.context());
        require(inputs, names.position(), OnnxJavaType.INT64, ANY, ANY);
        if (shape.labelled()) {
            require(inputs, names.label(), OnnxJavaType.INT64, ANY);
        }
        require(inputs, names.seqlens(), OnnxJavaType.INT32, ANY);
        require(inputs, names.total(), OnnxJavaType.INT32);
        for (int layer = 0; layer < shape.layers(); layer++) {
            requireCache(inputs, names.pastKeys().get(layer));
            requireCache(inputs, names.pastValues().get(layer));
        }
        Set<String> unknown = new HashSet<>(inputs.keySet());
        unknown.removeAll(names.inputs());
        if (!unknown.isEmpty()) {
            throw new GraphException("the graph wants inputs that the description does not name: " + unknown);
        }
    }

    private void checkOutputs(Map<String, NodeInfo> outputs) throws GraphException {
        require(outputs, names.logits(), OnnxJavaType.FLOAT, ANY, ANY, shape.levels());
        for (int layer = 0; layer < shape.layers(); layer++) {
            requireCache(outputs, names.presentKeys().get(layer));
            requireCache(outputs, names.presentValues().get(layer));
        }
    }

    private void requireCache(Map<String, NodeInfo> tensors, String name) throws GraphException {
        require(tensors, name, OnnxJavaType.FLOAT, ANY, shape.heads(), shape.positions(), shape.headSize());
    }

    static void require(Map<String, NodeInfo> tensors, String name, OnnxJavaType type, long... wanted)
            throws GraphException {
        NodeInfo node = tensors.get(name);
        if (node == null) {
            throw new GraphException("the graph has no tensor \"" + name + "\"");
        }
        if (!(node.getInfo() instanceof TensorInfo found)) {
            throw new GraphException("\"" + name + "\" is not a tensor");
        }
        if (found.type != type || !fits(found.getShape(), wanted)) {
            throw new GraphException("tensor \"" + name + "\" is " + found.type + Arrays.toString(found.getShape())
                    + " in the graph; the description asks for " + type + Arrays.toString(wanted) + " (-1: any)");
        }
    }

    /** A graph may leave any dimension open, but may fix only those that are not chosen at run time. */
    private static boolean fits(long[] found, long[] wanted) {
        if (found.length != wanted.length) {
            return false;
        }
        for (int i = 0; i < found.length; i++) {
            if (found[i] != ANY && found[i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
