package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import java.nio.file.Files;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles with a graph that decides several values in a run: what is checked of them, and how they are refused. */
@Timeout(60)
class ChunkBundleTest {
    @TempDir
    private Path repository;

    private int copies;

    private EngineConfig config() {
        return new EngineConfig(repository, 2, 4, 2, 1, 256L << 20);
    }

    private Path bundle(String model) throws Exception {
        Path directory = TinyBundle.copyOf(model, repository, model + "-" + copies++);
        TinyChunks.addTo(directory);
        return directory;
    }

    private static Graph.Builder chunk(Bundle.Builder bundle) {
        return bundle.getGraphsBuilder(bundle.getGraphsCount() - 1);
    }

    private static KeyValueCache.Builder cache(Bundle.Builder bundle) {
        return chunk(bundle).getStateBuilder().getKeyValueCacheBuilder();
    }

    private void refused(Path bundle, Reason reason, String sentence, Consumer<Bundle.Builder> change)
            throws Exception {
        String before = Files.readString(bundle.resolve("bundle.json"));
        TinyBundle.edit(bundle, change);
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused).hasMessageContaining(sentence);
                    assertThat(refused.reason()).isEqualTo(reason);
                });
        Files.writeString(bundle.resolve("bundle.json"), before);
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.NAME, TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void soundBundleIsProvedInBothVariants(String model) throws Exception {
        assertThat(BundleCheck.check(bundle(model), config()).precisions()).containsExactly("fp32", "fp16");
    }

    @Test
    void allVariantsCanBeThereTogether() throws Exception {
        assertThat(BundleCheck.check(bundle(TinyBundle.INT8), config()).precisions())
                .containsExactly("fp32", "int8", "fp16");
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                fault("has the variant \"fp8\"; this server knows \"fp32\", \"int8\" and \"fp16\"",
                        bundle -> chunk(bundle).setVariant("fp8")),
                fault("of role \"chunk\" has the variant \"fp32\"; only a graph of role \"chunk\" has \"fp16\"",
                        bundle -> chunk(bundle).setVariant("fp32")),
                fault("the graph of role \"chunk\" has the variant \"int8\"",
                        bundle -> chunk(bundle).setVariant("int8")),
                fault("the graph of role \"step\" has the variant \"fp16\"", bundle -> chunk(bundle).setRole("step")),
                fault("there is no graph of role \"step\" and variant \"fp32\"", bundle -> bundle.removeGraphs(0)),
                fault("no step graph of variant \"fp32\" with a keyValueCache beside it",
                        bundle -> bundle.getGraphsBuilder(0).clearState()),
                fault("the graph of role \"chunk\" has no keyValueCache of ELEMENT_FLOAT16",
                        bundle -> chunk(bundle).clearState()),
                fault("the graph of role \"chunk\" has no keyValueCache of ELEMENT_FLOAT16",
                        bundle -> cache(bundle).clearElement()),
                fault("variant \"fp32\" has a keyValueCache of ELEMENT_FLOAT16",
                        bundle -> bundle.getGraphsBuilder(0).getStateBuilder().getKeyValueCacheBuilder()
                                .setElement(Element.ELEMENT_FLOAT16)),
                fault("keyValueCache.positions is 12; it must be 64", bundle -> cache(bundle).setPositions(12)),
                fault("a keyValueCache beside memories",
                        bundle -> chunk(bundle).getStateBuilder().addMemories(Memory.newBuilder().setWidth(1))),
                fault("there is no golden sample of the variant \"fp16\"", ChunkBundleTest::withoutGoldenSamples),
                fault("bytes; its sample asks for",
                        bundle -> sample(bundle).setLogits(bundle.getGoldenSamples(0).getLogits())));
    }

    private static Arguments fault(String sentence, Consumer<Bundle.Builder> change) {
        return Arguments.of(sentence, change);
    }

    private static GoldenSample.Builder sample(Bundle.Builder bundle) {
        return bundle.getGoldenSamplesBuilder(bundle.getGoldenSamplesCount() - 1);
    }

    private static void withoutGoldenSamples(Bundle.Builder bundle) {
        List<GoldenSample> others = bundle.getGoldenSamplesList().stream()
                .filter(sample -> !sample.getVariant().equals("fp16"))
                .toList();
        bundle.clearGoldenSamples().addAllGoldenSamples(others);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void whatMakesNoSenseIsRefused(String sentence, Consumer<Bundle.Builder> change) throws Exception {
        refused(bundle(TinyBundle.NAME), Reason.BUNDLE_DESCRIPTION_INVALID, sentence, change);
    }

    @Test
    void graphThatIsNotTheOneDescribedIsRefused() throws Exception {
        Path plain = bundle(TinyBundle.NAME);
        Reason invalid = Reason.BUNDLE_GRAPH_INVALID;
        for (String role : List.of("values", "first", "label", "given", "uniform", "temperature", "top_k", "top_p",
                "past_key.0", "past_value.0", "drawn", "log_probability", "new_key.0", "new_value.0")) {
            refused(plain, invalid, "chunk.fp16.onnx: the description names no tensor for \"" + role + "\"",
                    bundle -> chunk(bundle).removeTensors(role));
            refused(plain, invalid, "chunk.fp16.onnx: the graph has no tensor \"nobody\"",
                    bundle -> chunk(bundle).putTensors(role, "nobody"));
        }
        refused(plain, invalid, "the description uses the tensor \"first\" twice",
                bundle -> chunk(bundle).putTensors("top_k", "first"));
        refused(plain, invalid, "tensor \"first\" is INT64[-1] in the graph; the description asks for INT64[-1, 64]", 
                bundle -> chunk(bundle).putTensors("first", "values").putTensors("values", "first"));
        refused(plain, invalid, "tensor \"uniform\" is FLOAT[-1, -1]", bundle -> chunk(bundle)
                .putTensors("given", "uniform").putTensors("uniform", "given"));
        refused(plain, invalid, "the description asks for FLOAT16[-1, 3, -1, 4]", bundle -> cache(bundle).setHeads(3));
        refused(plain, invalid, "no tensor for \"past_key.1\"", bundle -> cache(bundle).setLayers(2));
        refused(plain, invalid, "step.onnx: ", bundle -> chunk(bundle).setFile("step.onnx"));
        Path reading = bundle(TinyBundle.TEXT);
        Files.copy(plain.resolve(TinyChunks.FILE), reading.resolve("labelled.onnx"));
        TinyBundle.edit(reading, bundle -> bundle.addFiles(File.newBuilder().setPath("labelled.onnx")));
        TinyBundle.relist(reading, "labelled.onnx");
        for (String role : List.of("condition", "own", "other", "guidance")) {
            refused(reading, invalid, "the description names no tensor for \"" + role + "\"",
                    bundle -> chunk(bundle).removeTensors(role));
        }
        refused(reading, invalid, "labelled.onnx: the graph has no tensor \"condition\"",
                bundle -> chunk(bundle).setFile("labelled.onnx"));
    }

    @Test
    void goldenSamplesMustBeDrawnAgain() throws Exception {
        Path good = bundle(TinyBundle.NAME);
        int last = TinyBundle.verified(TinyBundle.NAME).bundle().getGoldenSamplesCount() + 1;
        refused(good, Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample " + last + " is not reproduced",
                bundle -> sample(bundle).setSeed(12345));
        refused(good, Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample " + last,
                bundle -> sample(bundle).setLabel(2));
        refused(good, Reason.BUNDLE_GOLDEN_MISMATCH, "the likelihood of step 0 is",
                bundle -> sample(bundle).setLogits("golden/chunk0.likelihoods"));
    }

    @Test
    void onAnotherCpuKindLikelihoodsMustBeNearEnough() throws Exception {
        Path good = bundle(TinyBundle.NAME);
        // Nothing is drawn there.
        TinyBundle.edit(good, bundle -> sample(bundle).setCpuKind("Another-1").setSeed(12345));
        assertThat(BundleCheck.check(good, config()).precisions()).contains("fp16");
        refused(good, Reason.BUNDLE_GOLDEN_MISMATCH, "(beyond atol + rtol * |golden|)",
                bundle -> sample(bundle).setCpuKind("Another-1").setLabel(2));
    }
}
