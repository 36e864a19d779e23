package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which arithmetic steps are computed with where a request says none.
 *
 * @param everywhere of every model that has it; the others, and all if it is empty, use "fp32"
 * @param byModel of single models, by name, in place of that
 */
public record PrecisionChoice(String everywhere, Map<String, String> byModel) {
    /** 16-bit floats, with which values are decided several at a time. */
    public static final String FP16 = VariantDescription.FP16;

    /** "fp32" of every model. */
    public static final PrecisionChoice FP32 = new PrecisionChoice("", Map.of());

    private static final List<String> KNOWN = VariantDescription.KNOWN;

    /** Copies the map. */
    public PrecisionChoice {
        byModel = Map.copyOf(byModel);
    }

    /**
     * Reads what an operator wrote.
     *
     * @param written each a precision for every model that has it, or NAME=PRECISION for a single one
     * @throws IllegalArgumentException when a precision is not known, or something is said twice
     */
    public static PrecisionChoice of(List<String> written) {
        String everywhere = "";
        Map<String, String> byModel = new HashMap<>();
        for (String entry : written) {
            int sign = entry.indexOf('=');
            String precision = entry.substring(sign + 1);
            EngineConfig.require(
                    KNOWN.contains(precision),
                    "\"" + precision + "\" is no precision; there are " + String.join(", ", KNOWN));
            String before = sign < 0 ? everywhere : byModel.getOrDefault(entry.substring(0, sign), "");
            EngineConfig.require(
                    before.isEmpty() || before.equals(precision),
                    "\"" + entry + "\" comes after another precision for the same models");
            if (sign < 0) {
                everywhere = precision;
            } else {
                byModel.put(entry.substring(0, sign), precision);
            }
        }
        return new PrecisionChoice(everywhere, byModel);
    }

    /** The same with a precision of every model that has it, if none was said. */
    public PrecisionChoice orElse(String precision) {
        return everywhere.isEmpty() ? new PrecisionChoice(precision, byModel) : this;
    }

    /** Precisions of the steps of a model, that in use where a request says none first. */
    List<String> order(Bundle bundle) {
        List<String> there = new ArrayList<>(VariantDescription.decoding(bundle));
        String first = byModel.getOrDefault(bundle.getName(), everywhere);
        if (there.remove(first)) {
            there.add(0, first);
        }
        return List.copyOf(there);
    }

    /**
     * Checks that the models that are named are in a repository and have the precisions that are wanted of them, each in
     * one version at least. What cannot be read is not asked: it is not served either, and its model says why.
     *
     * @throws IllegalArgumentException when one is not
     */
    public void check(Path repository, long maxBundleBytes) {
        for (Map.Entry<String, String> wanted : byModel.entrySet()) {
            List<ModelRepository.Location> versions = ModelRepository.locations(repository).stream()
                    .filter(location -> location.name().equals(wanted.getKey()))
                    .toList();
            EngineConfig.require(
                    !versions.isEmpty(), "there is no model \"" + wanted.getKey() + "\" in the repository");
            boolean has = false;
            for (ModelRepository.Location version : versions) {
                try {
                    Bundle bundle = BundleReader.description(version.directory(), maxBundleBytes);
                    has |= VariantDescription.decoding(bundle).contains(wanted.getValue());
                } catch (EngineException unreadable) {
                    has = true; // nobody knows
                }
            }
            EngineConfig.require(
                    has, "the model \"" + wanted.getKey() + "\" has no step graph in " + wanted.getValue());
        }
    }
}
