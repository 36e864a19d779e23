package io.scanline.server.runtime;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names that the tensors of one graph have, by their contract names. */
final class TensorNames {
    private final Map<String, String> names = new HashMap<>();

    /** Looks up a name for every tensor of a signature, as the description gives them. */
    TensorNames(Map<String, String> described, GraphSignature signature) throws GraphException {
        add(described, signature.inputs());
        add(described, signature.outputs());
    }

    private void add(Map<String, String> described, List<TensorSpec> specs) throws GraphException {
        Set<String> seen = new HashSet<>();
        for (TensorSpec spec : specs) {
            String name = described.get(spec.role());
            if (name == null || name.isEmpty()) {
                throw new GraphException("the description names no tensor for \"" + spec.role() + "\"");
            }
            if (!seen.add(name)) {
                throw new GraphException("the description uses the tensor \"" + name + "\" twice");
            }
            names.put(spec.role(), name);
        }
    }

    /** Name of a tensor of the signature. */
    String of(String role) {
        return names.get(role);
    }

    /** Name of a tensor of the signature that there are several of. */
    String of(String role, int index) {
        return names.get(role + "." + index);
    }
}
