package io.scanline.server.runtime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the inputs and outputs of a graph must look like, see Graph.tensors in bundle.proto. */
record GraphSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    /** A dimension that every run may choose: slots or positions. */
    static final long ANY = -1;

    private GraphSignature() {
        this(new ArrayList<>(), new ArrayList<>());
    }

    /** Of a step graph. */
    static GraphSignature step(StepShape shape) {
        GraphSignature step = new GraphSignature();
        long positions = shape.takesSpans() ? ANY : 1;
        step.inputs.add(new TensorSpec("context", OnnxJavaType.INT64, ANY, positions, shape.context()));
        step.inputs.add(new TensorSpec("position", OnnxJavaType.INT64, ANY, positions));
        step.outputs.add(new TensorSpec("logits", OnnxJavaType.FLOAT, ANY, positions, shape.levels()));
        step.addLabel(shape);
        if (shape.condition() > 0) {
            step.inputs.add(new TensorSpec("condition", OnnxJavaType.FLOAT, ANY, shape.condition()));
        }
        if (shape.row() != null) {
            step.inputs.add(new TensorSpec("features", OnnxJavaType.FLOAT, ANY, positions, shape.row().features()));
        }
        StateShape state = shape.state();
        if (state.keyValues() != null) {
            step.addCache(state.keyValues());
        }
        for (int m = 0; m < state.memories().size(); m++) {
            MemoryShape memory = state.memories().get(m);
            if (!memory.reads().isEmpty()) {
                step.inputs.add(new TensorSpec(
                        "read." + m, OnnxJavaType.FLOAT, ANY, memory.reads().size(), memory.width()));
            }
            step.outputs.add(new TensorSpec("write." + m, OnnxJavaType.FLOAT, ANY, memory.width()));
        }
        step.addRecurrents(state.recurrents());
        return step;
    }

    /**
     * Of the window graph beside a step graph with memories.
     *
     * @param slotwise whether slots are a dimension of their own
     */
    static GraphSignature window(StepShape shape, boolean slotwise) {
        GraphSignature window = new GraphSignature();
        long positions = slotwise ? ANY : 1;
        window.inputs.add(new TensorSpec("context", OnnxJavaType.INT64, ANY, positions, shape.context()));
        window.inputs.add(new TensorSpec("position", OnnxJavaType.INT64, ANY, positions));
        window.outputs.add(new TensorSpec("logits", OnnxJavaType.FLOAT, ANY, positions, shape.levels()));
        window.addLabel(shape);
        if (shape.row() != null) {
            window.inputs.add(new TensorSpec("features", OnnxJavaType.FLOAT, ANY, positions, shape.row().features()));
        }
        for (int m = 0; m < shape.state().memories().size(); m++) {
            MemoryShape memory = shape.state().memories().get(m);
            if (!memory.reads().isEmpty()) {
                window.addRows("read." + m, OnnxJavaType.FLOAT, slotwise, memory.width());
                if (shape.sourceOf(m) == m) {
                    window.addRows("source." + m, OnnxJavaType.INT64, slotwise, memory.reads().size());
                }
            }
            window.outputs.add(new TensorSpec("write." + m, OnnxJavaType.FLOAT, ANY, memory.width()));
        }
        return window;
    }

    /** Of the row graph beside a step graph. */
    static GraphSignature row(StepShape shape) {
        GraphSignature row = new GraphSignature();
        RowShape sizes = shape.row();
        int columns = shape.raster().columns();
        if (sizes.above() > 0) {
            row.inputs.add(new TensorSpec("above", OnnxJavaType.INT64, ANY, sizes.above(), columns));
        }
        row.inputs.add(new TensorSpec("row", OnnxJavaType.INT64, ANY));
        row.outputs.add(new TensorSpec("features", OnnxJavaType.FLOAT, ANY, columns, sizes.features()));
        row.addLabel(shape);
        for (int m : sizes.previous()) {
            int width = shape.state().memories().get(m).width();
            row.inputs.add(new TensorSpec("previous." + m, OnnxJavaType.FLOAT, ANY, columns, width));
        }
        row.addRecurrents(sizes.recurrents());
        return row;
    }

    /** Of a graph that decides several values of a slot in a run. */
    static GraphSignature chunk(ChunkShape shape) {
        GraphSignature chunk = new GraphSignature();
        chunk.inputs.add(new TensorSpec("values", OnnxJavaType.INT64, ANY, shape.steps()));
        chunk.inputs.add(new TensorSpec("first", OnnxJavaType.INT64, ANY));
        if (shape.labelled()) {
            chunk.inputs.add(new TensorSpec("label", OnnxJavaType.INT64, ANY));
        }
        chunk.inputs.add(new TensorSpec("given", OnnxJavaType.INT64, ANY, ANY));
        chunk.inputs.add(new TensorSpec("uniform", OnnxJavaType.FLOAT, ANY, ANY));
        chunk.inputs.add(new TensorSpec("temperature", OnnxJavaType.FLOAT, ANY));
        chunk.inputs.add(new TensorSpec("top_k", OnnxJavaType.INT64, ANY));
        chunk.inputs.add(new TensorSpec("top_p", OnnxJavaType.FLOAT, ANY));
        if (shape.condition() > 0) {
            chunk.inputs.add(new TensorSpec("condition", OnnxJavaType.FLOAT, ANY, shape.condition()));
            chunk.inputs.add(new TensorSpec("own", OnnxJavaType.INT64, ANY));
            chunk.inputs.add(new TensorSpec("other", OnnxJavaType.INT64, ANY));
            chunk.inputs.add(new TensorSpec("guidance", OnnxJavaType.FLOAT, ANY));
        }
        chunk.outputs.add(new TensorSpec("drawn", OnnxJavaType.INT64, ANY, ANY));
        chunk.outputs.add(new TensorSpec("log_probability", OnnxJavaType.FLOAT, ANY, ANY));
        KeyValueShape cache = shape.cache();
        for (int layer = 0; layer < cache.layers(); layer++) {
            for (String kind : List.of("key.", "value.")) {
                long[] rows = {ANY, cache.heads(), ANY, cache.headSize()};
                chunk.inputs.add(new TensorSpec("past_" + kind + layer, cache.element().type(), rows));
                chunk.outputs.add(new TensorSpec("new_" + kind + layer, cache.element().type(), rows));
            }
        }
        return chunk;
    }

    /** Of a graph that goes on with texts. */
    static GraphSignature textStep(TextStepShape shape) {
        GraphSignature step = new GraphSignature();
        step.inputs.add(new TensorSpec("vector", OnnxJavaType.FLOAT, ANY, ANY, shape.width()));
        step.inputs.add(new TensorSpec("token", OnnxJavaType.INT64, ANY, ANY));
        step.inputs.add(new TensorSpec("position", OnnxJavaType.INT64, ANY, ANY));
        step.outputs.add(new TensorSpec("logits", OnnxJavaType.FLOAT, ANY, ANY, shape.vocabulary()));
        step.addCache(shape.cache());
        return step;
    }

    private void addRows(String role, OnnxJavaType type, boolean slotwise, long width) {
        inputs.add(slotwise ? new TensorSpec(role, type, ANY, ANY, width) : new TensorSpec(role, type, ANY, width));
    }

    private void addLabel(StepShape shape) {
        if (shape.labelled()) {
            inputs.add(new TensorSpec("label", OnnxJavaType.INT64, ANY));
        }
    }

    private void addCache(KeyValueShape cache) {
        for (boolean windowed : new boolean[] {false, true}) {
            if (cache.layers(windowed).length > 0) {
                String prefix = KeyValueShape.prefix(windowed);
                inputs.add(new TensorSpec(prefix + "seqlens", OnnxJavaType.INT32, ANY));
                inputs.add(new TensorSpec(prefix + "total", OnnxJavaType.INT32));
            }
        }
        for (int layer = 0; layer < cache.layers(); layer++) {
            int positions = cache.hasWindow(layer) ? cache.windowPositions(1) : cache.positions();
            for (String kind : List.of("key.", "value.")) {
                addPair(kind + layer, "_", cache.element().type(), cache.heads(), positions, cache.headSize());
            }
        }
    }

    private void addRecurrents(List<List<Integer>> recurrents) {
        for (int r = 0; r < recurrents.size(); r++) {
            addPair(
                    String.valueOf(r),
                    ".",
                    OnnxJavaType.FLOAT,
                    recurrents.get(r).stream().mapToLong(Integer::longValue).toArray());
        }
    }

    private void addPair(String name, String separator, OnnxJavaType type, long... ofSlot) {
        long[] dimensions = new long[ofSlot.length + 1];
        dimensions[0] = ANY;
        System.arraycopy(ofSlot, 0, dimensions, 1, ofSlot.length);
        inputs.add(new TensorSpec("past" + separator + name, type, dimensions));
        outputs.add(new TensorSpec("present" + separator + name, type, dimensions));
    }

    /** Compares a loaded graph with it. */
    void check(OrtSession session, TensorNames names) throws GraphException {
        try {
            Map<String, NodeInfo> found = session.getInputInfo();
            Set<String> unknown = new HashSet<>(found.keySet());
            for (TensorSpec input : inputs) {
                require(found, names.of(input.role()), input.type(), input.dimensions());
                unknown.remove(names.of(input.role()));
            }
            if (!unknown.isEmpty()) {
                throw new GraphException("the graph wants inputs that the description does not name: " + unknown);
            }
            for (TensorSpec output : outputs) {
                require(session.getOutputInfo(), names.of(output.role()), output.type(), output.dimensions());
            }
        } catch (OrtException unreadable) {
            throw new GraphException("ONNX Runtime cannot tell the inputs and outputs of the graph", unreadable);
        }
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
    static boolean fits(long[] found, long[] wanted) {
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
