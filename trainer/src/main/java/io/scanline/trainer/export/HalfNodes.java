package io.scanline.trainer.export;

import static io.scanline.trainer.ops.OnnxGraph.attribute;

import io.scanline.trainer.onnx.GraphProto;
import io.scanline.trainer.onnx.NodeProto;
import io.scanline.trainer.onnx.TensorProto;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the nodes of a step in 16-bit floats into a loop: products with stored matrices and look-ups in stored tables are
 * done in halves, as they are stored; all else in single precision, between casts. The logits come of a product in single
 * precision. What does not depend on the position is written before the loop.
 */
final class HalfNodes {
    private final OnnxGraph outer;
    private final OnnxGraph body;
    private final Map<String, TensorProto> constants = new HashMap<>();
    private final Set<String> used = new HashSet<>();
    /** Products that logits are made of. */
    private final Set<String> last = new HashSet<>();
    /** Names in the step of what is written under another name. */
    private final Map<String, String> renamed = new HashMap<>();

    private final Set<String> halves = new HashSet<>();
    private final Set<String> inBody = new HashSet<>();
    private final Map<String, String> casts = new HashMap<>();
    private final Map<String, String> shaped = new HashMap<>();

    /**
     * Begins with nothing written.
     *
     * @param outer the graph around the loop
     * @param body of the loop
     * @param old graph of the step
     * @param logits name of its logits
     */
    HalfNodes(OnnxGraph outer, OnnxGraph body, GraphProto old, String logits) {
        this.outer = outer;
        this.body = body;
        old.getInitializerList().forEach(constant -> constants.put(constant.getName(), constant));
        last.add(logits);
        old.getNodeList().stream()
                .filter(node -> node.getOutputList().contains(logits))
                .forEach(node -> last.addAll(node.getInputList()));
    }

    /** Notes values of the body that others have written there. */
    void addToBody(Collection<String> names) {
        inBody.addAll(names);
    }

    /** Notes a value of the body in halves that takes the place of one of the step. */
    void addHalf(String old, String written) {
        renamed.put(old, written);
        halves.add(written);
        inBody.add(written);
    }

    /** Writes a node of the step. */
    void write(NodeProto node) {
        String output = node.getOutput(0);
        boolean stored = node.getOpType().equals("Cast") && isHalf(node.getInput(0));
        if (stored) {
            renamed.put(output, node.getInput(0));
        } else if (isProduct(node)) {
            multiply(node);
        } else if (isHalf(node.getInput(0)) && looksUp(node)) {
            add(node, List.of(half(node.getInput(0)), node.getInput(1)));
            halves.add(output);
        } else {
            add(node, node.getInputList().stream().map(this::single).toList());
        }
    }

    private boolean isProduct(NodeProto node) {
        return node.getOpType().equals("MatMul")
                && isHalf(node.getInput(1))
                && constants.containsKey(renamed.getOrDefault(node.getInput(1), node.getInput(1)))
                && !last.contains(node.getOutput(0));
    }

    /**
     * Writes a product. Where ONNX Runtime has no kernels for halves it multiplies in single precision, between casts of its
     * own, and leaves out casts that follow one another, and with them the rounding. It keeps them where another operator
     * stands between, one that only changes the shape: then a product is rounded on a CPU as it is on a device with such
     * kernels.
     */
    private void multiply(NodeProto node) {
        String apart = alone("Unsqueeze", half(node.getInput(0)));
        String product = "product." + node.getOutput(0);
        add(node.toBuilder().setOutput(0, product).build(), List.of(apart, half(node.getInput(1))));
        renamed.put(node.getOutput(0), alone("Squeeze", product));
        halves.add(written(node.getOutput(0)));
    }

    /** A value with an axis of one more, or less. */
    private String alone(String operator, String value) {
        return shaped.computeIfAbsent(value, x -> {
            OnnxGraph graph = inBody.contains(x) ? body : outer;
            String changed = graph.node(operator, List.of(x, graph.constant(new long[] {0}, 1)));
            if (inBody.contains(x)) {
                inBody.add(changed);
            }
            return changed;
        });
    }

    private static boolean looksUp(NodeProto node) {
        return node.getOpType().equals("Gather") || node.getOpType().equals("Reshape");
    }

    private void add(NodeProto node, List<String> inputs) {
        boolean varies = inputs.stream().anyMatch(inBody::contains);
        if (varies) {
            inBody.addAll(node.getOutputList());
        }
        inputs.stream().filter(constants::containsKey).forEach(used::add);
        (varies ? body : outer)
                .addNode(node.toBuilder()
                        .setName(StepGraph.ROLE + "." + node.getName())
                        .clearInput()
                        .addAllInput(inputs)
                        .build());
    }

    private String written(String name) {
        return renamed.getOrDefault(name, name);
    }

    private boolean isHalf(String name) {
        String written = written(name);
        TensorProto constant = constants.get(written);
        return halves.contains(written) || constant != null && constant.getDataType() == DataType.FLOAT16_VALUE;
    }

    /** A value of the step in 16-bit floats. */
    String half(String name) {
        return isHalf(name) ? written(name) : cast(written(name), DataType.FLOAT16);
    }

    /** A value of the step in single precision, or as it is when its numbers are whole. */
    String single(String name) {
        return isHalf(name) ? cast(written(name), DataType.FLOAT) : written(name);
    }

    private String cast(String name, DataType type) {
        return casts.computeIfAbsent(name, value -> {
            boolean varies = inBody.contains(value);
            if (constants.containsKey(value)) {
                used.add(value);
            }
            String made = (varies ? body : outer).node("Cast", List.of(value), attribute("to", type.getNumber()));
            if (varies) {
                inBody.add(made);
            }
            return made;
        });
    }

    /** Writes the constants that the nodes written so far read. */
    void addConstants() {
        constants.values().stream().filter(constant -> used.contains(constant.getName())).forEach(outer::addConstant);
    }
}
