package io.scanline.server.runtime;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names of the tensors of one step graph.
 *
 * @param label null for a graph without classes
 */
record StepNames(
        String context,
        String position,
        String label,
        String seqlens,
        String total,
        String logits,
        List<String> pastKeys,
        List<String> pastValues,
        List<String> presentKeys,
        List<String> presentValues) {
    /** Looks the names up by the contract names of bundle.proto. */
    static StepNames of(Map<String, String> tensors, StepShape shape) throws GraphException {
        StepNames names = new StepNames(
                name(tensors, "context"),
                name(tensors, "position"),
                shape.labelled() ? name(tensors, "label") : null,
                name(tensors, "seqlens"),
                name(tensors, "total"),
                name(tensors, "logits"),
                layerNames(tensors, "past_key", shape.layers()),
                layerNames(tensors, "past_value", shape.layers()),
                layerNames(tensors, "present_key", shape.layers()),
                layerNames(tensors, "present_value", shape.layers()));
        requireDistinct(names.inputs());
        requireDistinct(names.outputs());
        return names;
    }

    List<String> inputs() {
        List<String> inputs = new ArrayList<>(List.of(context, position, seqlens, total));
        if (label != null) {
            inputs.add(label);
        }
        inputs.addAll(pastKeys);
        inputs.addAll(pastValues);
        return inputs;
    }

    List<String> outputs() {
        List<String> outputs = new ArrayList<>(List.of(logits));
        outputs.addAll(presentKeys);
        outputs.addAll(presentValues);
        return outputs;
    }

    private static List<String> layerNames(Map<String, String> tensors, String role, int layers) throws GraphException {
        List<String> names = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            names.add(name(tensors, role + "." + layer));
        }
        return List.copyOf(names);
    }

    private static String name(Map<String, String> tensors, String role) throws GraphException {
        String name = tensors.get(role);
        if (name == null || name.isEmpty()) {
            throw new GraphException("the description names no tensor for \"" + role + "\"");
        }
        return name;
    }

    private static void requireDistinct(List<String> names) throws GraphException {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new GraphException("the description uses the tensor \"" + name + "\" twice");
            }
        }
    }
}
