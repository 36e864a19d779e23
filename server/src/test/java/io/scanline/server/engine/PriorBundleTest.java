package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.contract.CpuKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the bundle of a prior over codes is said in words. */
@Timeout(60)
class PriorBundleTest {
    @TempDir
    private Path repository;

    private void assertRefused(Path bundle, Reason reason, String words) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    private void assertRefusedAfter(Consumer<Bundle.Builder> change, Reason reason, String words) throws IOException {
        Path bundle = TinyBundle.copyOf(TinyBundle.PRIOR, repository, "bad");
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, reason, words);
    }

    @Test
    void soundBundlePasses() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.PRIOR, repository, "good");
        ModelInfo info = BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20));
        assertThat(info.codes()).contains(new ValueGrid(3, 4, 1, 16));
        assertThat(info.steps()).isEqualTo(12);
        assertThat(info.values()).isEqualTo(144);
        assertThat(info.slots()).isEqualTo(2);
    }

    @Test
    void onlyCodesAreDrawn() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getLatentBuilder()
                        .setKind(LatentKind.LATENT_KIND_VECTOR).clearShape().addShape(12).clearCodes(),
                Reason.BUNDLE_DESCRIPTION_INVALID, "a prior over codes: latent.kind must be LATENT_KIND_TOKENS");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 257, 65536})
    void drawnCodesAreBytes(int codes) throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getLatentBuilder().setCodes(codes),
                Reason.BUNDLE_DESCRIPTION_INVALID, "it must be 2 to 256");
    }

    @Test
    void stepsAreTheCodes() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getAutoregressionBuilder().setSteps(144),
                Reason.BUNDLE_DESCRIPTION_INVALID, "the number of codes, latent.shape, is 12");
    }

    @ParameterizedTest
    @ValueSource(strings = {"step", "encoder", "decoder"})
    void allThreeGraphsMustBeThere(String role) throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGraphsBuilderList().stream()
                        .filter(graph -> graph.getRole().equals(role))
                        .forEach(graph -> graph.setRole("other")),
                Reason.BUNDLE_DESCRIPTION_INVALID, "no graph of role \"" + role + "\"");
    }

    @Test
    void goldenSamplesAreWholeGrids() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGoldenSamplesBuilder(0).setSteps(11),
                Reason.BUNDLE_DESCRIPTION_INVALID, "steps of a golden sample must be all of an image, 12");
    }

    @Test
    void goldenSamplesProveTheDecoder() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGoldenSamplesBuilder(0).setDecoded(bundle.getGoldenSamples(0).getLatent()),
                Reason.BUNDLE_DESCRIPTION_INVALID, "its sample asks for 576");
    }

    @ParameterizedTest
    @CsvSource({
        "golden/0.logits, golden sample 0 is not reproduced at step 0",
        "golden/1.image, golden sample 1 is not reproduced: number 0 of the decoder's image",
        "golden/2.codes, golden sample 2 is not reproduced at step 0: its value is not a level"
    })
    void goldenSampleThatIsNotReproducedIsSaid(String file, String words) throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.PRIOR, repository, "bad");
        byte[] bytes = Files.readAllBytes(bundle.resolve(file));
        bytes[0] ^= (byte) 0xF0;
        bytes[2] ^= (byte) 0xFF; // far enough for another CPU kind as well
        Files.write(bundle.resolve(file), bytes);
        TinyBundle.relist(bundle, file);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, words);
    }

    @Test
    void goldenCodesOfTheEncoderMustBeReproduced() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGoldenSamplesBuilder(0).setLatent(bundle.getGoldenSamples(1).getLatent())
                        .setCpuKind(CpuKind.current()),
                Reason.BUNDLE_GOLDEN_MISMATCH, "golden sample 0 is not reproduced: code ");
    }

    @Test
    void goldenImageMustHaveNumbers() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.PRIOR, repository, "bad");
        byte[] bytes = Files.readAllBytes(bundle.resolve("golden/0.image"));
        bytes[3] = 0x7F;
        bytes[2] = (byte) 0xFF; // NaN
        Files.write(bundle.resolve("golden/0.image"), bytes);
        TinyBundle.relist(bundle, "golden/0.image");
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, "its golden image is none");
    }

    /** The classes are the step graph's; the decoder would have to name a tensor to be told of them. */
    @Test
    void decoderThatNamesALabelMustTakeOne() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGraphsBuilderList().stream()
                        .filter(graph -> graph.getRole().equals("decoder"))
                        .forEach(graph -> graph.putTensors("label", "label")),
                Reason.BUNDLE_GRAPH_INVALID, "label");
    }
}
