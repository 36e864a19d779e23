package io.scanline.server.engine;

import static io.scanline.server.engine.TinyLatents.RGBA;
import static io.scanline.server.engine.TinyLatents.TOKENS;
import static io.scanline.server.engine.TinyLatents.VAE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a bundle of a model that makes an image at once is said in words. */
@Timeout(60)
class LatentBundleTest {
    @TempDir
    private Path repository;

    private EngineConfig config() {
        return new EngineConfig(repository, 2, 4, 2, 1, 1 << 20);
    }

    private void assertRefused(Path bundle, Reason reason, String words) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    private void assertRefusedAfter(String model, Consumer<Bundle.Builder> change, String words) throws IOException {
        Path bundle = TinyBundle.copyOf(model, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID, words);
    }

    @Test
    void soundBundlesPass() throws Exception {
        for (String model : TinyLatents.ALL) {
            ModelInfo info = BundleCheck.check(TinyBundle.copyOf(model, repository, model), config());
            assertThat(info.serving()).isTrue();
            assertThat(info.digest()).matches("sha256:[0-9a-f]{64}");
        }
    }

    @Test
    void latentSpaceMustMeanSomething() throws Exception {
        assertRefusedAfter(VAE, bundle -> bundle.getLatentBuilder().clearKind(), "latent.kind");
    }

    @ParameterizedTest
    @CsvSource({"0", "65537", "-1"})
    void componentsHaveARange(int components) throws Exception {
        assertRefusedAfter(VAE, bundle -> bundle.getLatentBuilder().setShape(0, components), "latent.shape");
    }

    @Test
    void vectorsHaveOneSide() throws Exception {
        assertRefusedAfter(VAE, bundle -> bundle.getLatentBuilder().addShape(2), "it must be [D]");
    }

    @Test
    void gridsHaveTwoSides() throws Exception {
        assertRefusedAfter(TOKENS, bundle -> bundle.getLatentBuilder().clearShape().addShape(12), "[h, w]");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "65537"})
    void codesHaveARange(int codes) throws Exception {
        assertRefusedAfter(TOKENS, bundle -> bundle.getLatentBuilder().setCodes(codes), "latent.codes");
    }

    @Test
    void vectorsHaveNoCodes() throws Exception {
        assertRefusedAfter(VAE, bundle -> bundle.getLatentBuilder().setCodes(7), "not one of codes");
    }

    @ParameterizedTest
    @CsvSource({"encoder", "decoder"})
    void bothGraphsMustBeThere(String role) throws Exception {
        assertRefusedAfter(
                VAE,
                bundle -> {
                    for (Graph.Builder graph : bundle.getGraphsBuilderList()) {
                        graph.setRole(graph.getRole().equals(role) ? "other" : graph.getRole());
                    }
                },
                "no graph of role \"" + role + "\"");
    }

    @Test
    void goldenSamplesAreWholeImages() throws Exception {
        assertRefusedAfter(VAE, bundle -> bundle.getGoldenSamplesBuilder(0).setSteps(63), "steps of a golden sample");
    }

    @Test
    void goldenSamplesProveTheEncoder() throws Exception {
        Path bundle = TinyBundle.copyOf(VAE, repository, "bad");
        TinyBundle.edit(bundle, changed -> changed.getGoldenSamplesBuilder(0).clearLatent());
        assertThatThrownBy(() -> BundleCheck.check(bundle, config())).isInstanceOf(EngineException.class);
    }

    @Test
    void goldenLatentsHaveTheirLength() throws Exception {
        assertRefusedAfter(
                VAE,
                bundle -> {
                    GoldenSample.Builder sample = bundle.getGoldenSamplesBuilder(0);
                    sample.setLatent(sample.getLogits());
                },
                "its sample asks for 40");
    }

    private void assertMismatch(String model, String file, String words) throws IOException {
        Path bundle = TinyBundle.copyOf(model, repository, "bad");
        byte[] bytes = Files.readAllBytes(bundle.resolve(file));
        bytes[0] ^= 1;
        bytes[2] ^= (byte) 0xFF; // far enough for another CPU kind as well
        Files.write(bundle.resolve(file), bytes);
        TinyBundle.relist(bundle, file);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, words);
    }

    @Test
    void decoderMustReproduceTheGoldenImage() throws Exception {
        assertMismatch(VAE, "golden/0.image", "golden sample 0 is not reproduced: number 0 of the decoder's image");
    }

    @Test
    void encoderMustReproduceTheGoldenLatent() throws Exception {
        assertMismatch(RGBA, "golden/1.latent", "golden sample 1 is not reproduced: number 0 of the mean");
    }

    @Test
    void codesMustBeThoseOfTheCodebook() throws Exception {
        Path bundle = TinyBundle.copyOf(TOKENS, repository, "bad");
        TinyBundle.edit(bundle, changed -> changed.getLatentBuilder().setCodes(2));
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample 0");
    }

    @Test
    void oneTensorCannotBeTwo() throws Exception {
        Path bundle = TinyBundle.copyOf(VAE, repository, "bad");
        TinyBundle.edit(bundle, changed -> changed.getGraphsBuilderList().stream()
                .filter(graph -> graph.getRole().equals("decoder"))
                .forEach(graph -> graph.putTensors("logits", "image")));
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID, "twice");
    }

    private void assertGraphRefused(Consumer<Bundle.Builder> change, String words) throws IOException {
        Path bundle = TinyBundle.copyOf(RGBA, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID, words);
    }

    @Test
    void tensorThatIsNotNamedIsSaid() throws Exception {
        assertGraphRefused(
                bundle -> bundle.getGraphsBuilder(0).removeTensors("log_variance"),
                "the description names no tensor for \"log_variance\"");
    }

    @Test
    void observationAsksForItsTensor() throws Exception {
        assertGraphRefused(
                bundle -> bundle.getLatentBuilder().setObservation(Observation.OBSERVATION_BERNOULLI), "\"logits\"");
    }

    @Test
    void classesAskForALabel() throws Exception {
        assertGraphRefused(bundle -> bundle.getConditioningBuilder().addClassNames("one"), "\"label\"");
    }
}
