package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Metric;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** In which arithmetic the graphs of a description compute: Graph.variant in bundle.proto. */
final class VariantDescription {
    /** Every graph has it, and what is not there in another one is done by it. */
    static final String FP32 = BundleDescription.STEP_VARIANT;
    /** 8-bit integers; of a step with a KV cache only. */
    static final String INT8 = "int8";

    /** 16-bit floats; of a graph that decides several values in a run only. */
    static final String FP16 = "fp16";
    /** All that this server knows. */
    static final List<String> KNOWN = List.of(FP32, INT8, FP16);

    private static final String CHUNK_ROLE = "chunk";

    private VariantDescription() {}

    /** Those of the graphs that decide values, "fp32" first; none of a bundle that takes no steps. */
    static List<String> decoding(Bundle bundle) {
        List<String> variants = new ArrayList<>(ofStep(bundle));
        if (bundle.getGraphsList().stream().anyMatch(VariantDescription::isChunk)) {
            variants.add(FP16);
        }
        return List.copyOf(variants);
    }

    /** The graph that decides several values in a run, of a checked bundle that has it. */
    static Graph chunk(Bundle bundle) {
        return bundle.getGraphsList().stream()
                .filter(VariantDescription::isChunk)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the description was not checked"));
    }

    private static boolean isChunk(Graph graph) {
        return graph.getRole().equals(CHUNK_ROLE);
    }

    /** Those of the graph that decides a value in a run, "fp32" first; none of a bundle that takes no steps. */
    static List<String> ofStep(Bundle bundle) {
        return KNOWN.stream()
                .filter(variant -> bundle.getGraphsList().stream().anyMatch(graph -> isStep(graph, variant)))
                .toList();
    }

    /** The graph that decides a value in a run, in a variant that a checked bundle has. */
    static Graph step(Bundle bundle, String variant) {
        return bundle.getGraphsList().stream()
                .filter(graph -> isStep(graph, variant))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the description was not checked"));
    }

    private static boolean isStep(Graph graph, String variant) {
        return graph.getRole().equals(BundleDescription.STEP_ROLE) && graph.getVariant().equals(variant);
    }

    /** Which variant a figure was measured with. */
    static String of(Metric metric) {
        return stated(metric.getVariant());
    }

    /** Which variant made a golden sample. */
    static String of(GoldenSample sample) {
        return stated(sample.getVariant());
    }

    private static String stated(String variant) {
        return variant.isEmpty() ? FP32 : variant;
    }

    /** Checks the variants of all graphs. */
    static void check(Bundle bundle) throws EngineException {
        for (Graph graph : bundle.getGraphsList()) {
            String variant = graph.getVariant();
            require(
                    KNOWN.contains(variant),
                    "the graph of role \"%s\" has the variant \"%s\"; this server knows \"%s\", \"%s\" and \"%s\"",
                    graph.getRole(), variant, FP32, INT8, FP16);
            if (variant.equals(INT8)) {
                checkInt8(bundle, graph);
            } else if (variant.equals(FP16) || isChunk(graph)) {
                checkChunk(bundle, graph);
            } else {
                require(
                        graph.getState().getKeyValueCache().getElement() == Element.ELEMENT_UNSPECIFIED,
                        "the graph of role \"%s\" and variant \"%s\" has a keyValueCache of %s; its numbers are"
                                + " float32",
                        graph.getRole(), FP32, graph.getState().getKeyValueCache().getElement());
            }
        }
        for (Metric metric : bundle.getMetricsList()) {
            require(
                    of(metric).equals(FP32) || decoding(bundle).contains(metric.getVariant()),
                    "the metric \"%s\" was measured with the variant \"%s\", which the step graph does not have",
                    metric.getName(), metric.getVariant());
        }
    }

    private static void checkInt8(Bundle bundle, Graph graph) throws EngineException {
        require(
                bundle.hasAutoregression() && graph.getRole().equals(BundleDescription.STEP_ROLE),
                "the graph of role \"%s\" has the variant \"%s\"; only a graph of role \"%s\" can",
                graph.getRole(), INT8, BundleDescription.STEP_ROLE);
        require(
                ofStep(bundle).contains(FP32),
                "there is a step graph of variant \"%s\", but none of variant \"%s\", which it is a variant of",
                INT8, FP32);
        require(
                graph.getState().hasKeyValueCache(),
                "the step graph of variant \"%s\" has no keyValueCache; only steps with one can have this variant",
                INT8);
        require(
                graph.getState().getKeyValueCache().getElement() != Element.ELEMENT_FLOAT16,
                "the step graph of variant \"%s\" has a keyValueCache of ELEMENT_FLOAT16; it is ELEMENT_INT8 or not"
                        + " stated",
                INT8);
    }

    private static void checkChunk(Bundle bundle, Graph graph) throws EngineException {
        require(
                bundle.hasAutoregression() && isChunk(graph) && graph.getVariant().equals(FP16),
                "the graph of role \"%s\" has the variant \"%s\"; only a graph of role \"%s\" has \"%s\", and no other"
                        + " variant",
                graph.getRole(), graph.getVariant(), CHUNK_ROLE, FP16);
        require(
                BundleDescription.findGraph(bundle, BundleDescription.STEP_ROLE)
                        .filter(step -> step.getState().hasKeyValueCache())
                        .isPresent(),
                "there is a graph of role \"%s\", but no step graph of variant \"%s\" with a keyValueCache beside it",
                CHUNK_ROLE, FP32);
        require(
                graph.getState().getKeyValueCache().getElement() == Element.ELEMENT_FLOAT16,
                "the graph of role \"%s\" has no keyValueCache of ELEMENT_FLOAT16", CHUNK_ROLE);
    }

    /** Checks that every golden sample is of a variant that there is, and that every variant of the step has one. */
    static void checkGolden(Bundle bundle) throws EngineException {
        List<String> variants = decoding(bundle);
        Set<String> proved = new HashSet<>();
        for (GoldenSample sample : bundle.getGoldenSamplesList()) {
            require(
                    of(sample).equals(FP32) || variants.contains(sample.getVariant()),
                    "a golden sample was made by the variant \"%s\", which the step graph does not have",
                    sample.getVariant());
            proved.add(of(sample));
        }
        for (String variant : variants) {
            require(
                    proved.contains(variant), "there is no golden sample of the variant \"%s\" to prove it with",
                    variant);
        }
    }
}
