package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which arithmetic steps are computed with where a request says none.
 *
 * @param everywhere of every model that has it; the others, and all if it is empty, use "fp32"
 * @param byModel of single models, by name, in place of that; a pipeline stands for its prior
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

    /**
     * Precisions that the steps of a model are served in, that in use where a request says none first. "fp16" is served only
     * where it is that: on a CPU it costs more than it gives, and its keys and values would be kept beside those of the others.
     */
    List<String> order(Bundle bundle) {
        List<String> there = new ArrayList<>(VariantDescription.decoding(bundle));
        String first = byModel.getOrDefault(bundle.getName(), everywhere);
        boolean has = there.remove(first);
        there.remove(FP16);
        if (has) {
            there.add(0, first);
        }
        return List.copyOf(there);
    }

    /**
     * The same with the priors of pipelines in place of pipelines, whose steps are those of their priors.
     *
     * @throws IllegalArgumentException when it says two things of a prior then
     */
    PrecisionChoice ofPriors(Path repository, long maxBundleBytes) {
        Map<String, String> ofPriors = new HashMap<>();
        byModel.forEach((name, precision) -> {
            for (String model : stepping(name, repository, maxBundleBytes)) {
                String before = ofPriors.put(model, precision);
                EngineConfig.require(
                        before == null || before.equals(precision),
                        "there are two precisions for the steps of \"" + model + "\"");
            }
        });
        return new PrecisionChoice(everywhere, ofPriors);
    }

    /** The models that take the steps of a model, in all its versions. */
    private static Set<String> stepping(String name, Path repository, long maxBundleBytes) {
        Set<String> models = new LinkedHashSet<>();
        for (ModelRepository.Location version : versions(name, repository)) {
            String stepping = name;
            try {
                Bundle bundle = BundleReader.description(version.directory(), maxBundleBytes);
                if (bundle.hasPipeline()) {
                    PipelineDescription.check(bundle);
                    stepping = PipelineDescription.prior(bundle).name();
                }
            } catch (EngineException unreadable) {
                stepping = name; // nobody knows
            }
            models.add(stepping);
        }
        return models.isEmpty() ? Set.of(name) : models;
    }

    private static List<ModelRepository.Location> versions(String name, Path repository) {
        return ModelRepository.locations(repository).stream()
                .filter(location -> location.name().equals(name))
                .toList();
    }

    /**
     * Checks that the models that are named are in a repository and have the precisions that are wanted of them, each in
     * one version at least; of a pipeline, its prior. What cannot be read is not asked: it is not served either, and its
     * model says why.
     *
     * @throws IllegalArgumentException when one is not, or two things are said of a prior
     */
    public void check(Path repository, long maxBundleBytes) {
        for (Map.Entry<String, String> wanted : ofPriors(repository, maxBundleBytes).byModel().entrySet()) {
            List<ModelRepository.Location> versions = versions(wanted.getKey(), repository);
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
