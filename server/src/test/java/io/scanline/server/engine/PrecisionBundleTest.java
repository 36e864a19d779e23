package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bundles whose step is there in several variants: what is checked of them, and how they are refused. */
@Timeout(60)
class PrecisionBundleTest {
    private static final int FP32 = 0; // places of the graphs in the description
    private static final int INT8 = 1;

    @TempDir
    private Path repository;

    private int copies;

    private EngineConfig config() {
        return new EngineConfig(repository, 2, 4, 2, 1, 256L << 20);
    }

    private static Arguments fault(String sentence, Consumer<Bundle.Builder> change) {
        return Arguments.of(sentence, change);
    }

    private static KeyValueCache.Builder cache(Bundle.Builder bundle, int graph) {
        return bundle.getGraphsBuilder(graph).getStateBuilder().getKeyValueCacheBuilder();
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("has the variant \"int4\"; this server knows \"fp32\", \"int8\" and \"fp16\"",
                        bundle -> bundle.getGraphsBuilder(INT8).setVariant("int4")),
                fault("has the variant \"\"", bundle -> bundle.getGraphsBuilder(INT8).clearVariant()),
                fault("there is no graph of role \"step\" and variant \"fp32\"", bundle -> bundle.removeGraphs(FP32)),
                fault("the graph of role \"window\" has the variant \"int8\"; only a graph of role \"step\" can",
                        bundle -> bundle.getGraphsBuilder(INT8).setRole("window")),
                fault("the step graph of variant \"int8\" has no keyValueCache",
                        bundle -> bundle.getGraphsBuilder(INT8).clearState()),
                fault("variant \"fp32\" has a keyValueCache of ELEMENT_INT8",
                        bundle -> cache(bundle, FP32).setElement(Element.ELEMENT_INT8)),
                fault("keyValueCache.element is ELEMENT_UINT8",
                        bundle -> cache(bundle, INT8).setElement(Element.ELEMENT_UINT8)),
                fault("keyValueCache.positions is 12; it must be 64",
                        bundle -> cache(bundle, INT8).setPositions(12)),
                fault("there is no golden sample of the variant \"int8\"",
                        PrecisionBundleTest::withoutGoldenSamplesInInt8),
                fault("a golden sample was made by the variant \"int4\"",
                        bundle -> bundle.getGoldenSamplesBuilder(0).setVariant("int4")),
                fault("the metric \"bits_per_dim\" was measured with the variant \"int4\"",
                        bundle -> bundle.addMetrics(Metric.newBuilder().setName("bits_per_dim").setVariant("int4"))));
    }

    private static void withoutGoldenSamplesInInt8(Bundle.Builder bundle) {
        List<GoldenSample> others = bundle.getGoldenSamplesList().stream()
                .filter(sample -> !sample.getVariant().equals("int8"))
                .toList();
        bundle.clearGoldenSamples().addAllGoldenSamples(others);
    }

    private void refused(Reason reason, String sentence, Consumer<Bundle.Builder> change) throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.INT8, repository, "bad-" + copies++);
        TinyBundle.edit(bundle, change);
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused).hasMessageContaining(sentence);
                });
    }

    @Test
    void soundBundleIsCheckedInBothVariants() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.INT8, repository, "good");
        assertThat(BundleCheck.check(bundle, config()).precisions()).containsExactly("fp32", "int8");
        Path prior = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR_INT8, repository, "prior");
        assertThat(BundleCheck.check(prior, config()).precisions()).containsExactly("fp32", "int8");
        assertThat(BundleCheck.check(TinyBundle.copy(repository, "plain"), config()).precisions())
                .containsExactly("fp32");
        assertThat(BundleCheck.check(TinyBundle.copyOf("tiny-vae", repository, "vae"), config()).precisions())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whatMakesNoSenseIsRefused(String sentence, Consumer<Bundle.Builder> change) throws Exception {
        refused(Reason.BUNDLE_DESCRIPTION_INVALID, sentence, change);
    }

    @Test
    void cacheOfOtherNumbersThanTheGraphsIsRefused() throws Exception {
        refused(Reason.BUNDLE_GRAPH_INVALID, "step.int8.onnx: tensor \"past_key_0\" is INT8",
                bundle -> cache(bundle, INT8).clearElement());
        refused(Reason.BUNDLE_GRAPH_INVALID, "the description asks for INT8",
                bundle -> bundle.getGraphsBuilder(INT8).setFile("step.onnx"));
    }

    @Test
    void everyVariantIsProvedOnItsOwnGoldenSamples() throws Exception {
        int samples = TinyBundle.verified(TinyBundle.INT8).bundle().getGoldenSamplesCount();
        refused(Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample " + (samples - 1) + " is not reproduced",
                bundle -> bundle.getGoldenSamplesBuilder(samples - 1)
                        .setLogits("golden/0.logits").setAtol(0).setRtol(0));
        refused(Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample 0 is not reproduced",
                bundle -> bundle.getGoldenSamplesBuilder(0).setVariant("int8").setAtol(0).setRtol(0));
    }

    @Test
    void int8IsOnlyOfModelsThatTakeSteps() throws Exception {
        Path bundle = TinyBundle.copyOf("tiny-vae", repository, "vae");
        TinyBundle.edit(bundle, vae -> {
            Graph.Builder decoder = vae.getGraphsBuilderList().stream()
                    .filter(graph -> graph.getRole().equals("decoder")).findFirst().orElseThrow();
            vae.addGraphs(decoder.clone().setVariant("int8"));
        });
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .hasMessageContaining("the graph of role \"decoder\" has the variant \"int8\"");
    }
}
