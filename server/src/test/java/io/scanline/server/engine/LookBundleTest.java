package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.PictureFit;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a bundle of a model that looks at images and texts is said in words. */
@Timeout(60)
class LookBundleTest {
    @TempDir
    private Path repository;

    private Path copy(String model) throws IOException {
        return TinyBundle.copyOf(model, repository, "bad");
    }

    private void assertRefused(Path bundle, Reason reason, String words) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    private void assertRefusedAfter(String model, Consumer<Bundle.Builder> change, String words) throws IOException {
        Path bundle = copy(model);
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID, words);
    }

    @Test
    void soundBundlesPass() throws Exception {
        for (String model : List.of("tiny-clip", "tiny-classes")) {
            EngineConfig config = new EngineConfig(repository, 2, 4, 2, 1, 1 << 20);
            assertThat(BundleCheck.check(TinyBundle.copyOf(model, repository, model), config).looks()).isTrue();
        }
    }

    @Test
    void modelThatLooksMakesNothing() throws Exception {
        assertRefusedAfter(
                "tiny-clip", bundle -> bundle.setAutoregression(Autoregression.getDefaultInstance()),
                "neither autoregression");
    }

    @Test
    void wayThatPicturesFitMustBeStated() throws Exception {
        assertRefusedAfter("tiny-clip", Bundle.Builder::clearPictureInput, "pictureInput.fit");
    }

    @Test
    void othersHaveNoUseForPictures() throws Exception {
        assertRefusedAfter(
                TinyBundle.NAME,
                bundle -> bundle.getPictureInputBuilder().setFit(PictureFit.PICTURE_FIT_COVER),
                "neither embedding nor classifier");
    }

    @ParameterizedTest
    @CsvSource({"0", "65537"})
    void dimensionsHaveARange(int dimensions) throws Exception {
        assertRefusedAfter(
                "tiny-clip", bundle -> bundle.getEmbeddingBuilder().setDimensions(dimensions), "embedding.dimensions");
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "NaN", "Infinity"})
    void scaleIsAPositiveNumber(float scale) throws Exception {
        assertRefusedAfter("tiny-clip", bundle -> bundle.getEmbeddingBuilder().setScale(scale), "embedding.scale");
    }

    @Test
    void templatesHaveAPlaceForTheName() throws Exception {
        assertRefusedAfter(
                "tiny-clip", bundle -> bundle.getEmbeddingBuilder().addPromptTemplates("a cat"), "no {}");
    }

    @Test
    void textInputAndTextEncoderComeTogether() throws Exception {
        assertRefusedAfter("tiny-clip", Bundle.Builder::clearTextInput, "come together");
    }

    @Test
    void classesAreTwoOrMore() throws Exception {
        assertRefusedAfter(
                "tiny-classes", bundle -> bundle.getClassifierBuilder().clearClassNames().addClassNames("one"),
                "classifier.classNames");
    }

    @Test
    void classNamesDifferByMoreThanTheirCase() throws Exception {
        assertRefusedAfter(
                "tiny-classes", bundle -> bundle.getClassifierBuilder().addClassNames("DISC"), "twice");
    }

    @Test
    void numberOfClassesIsTheGraphs() throws Exception {
        Path bundle = copy("tiny-classes");
        TinyBundle.edit(bundle, changed -> {
            changed.getClassifierBuilder().addClassNames("fourth");
            changed.getGoldenSamplesBuilderList().forEach(sample -> sample.setLogits(sample.getPixels()));
        });
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID, "logits");
    }

    @ParameterizedTest
    @CsvSource({"0.embedding, the image's vector", "1.text, the text's vector", "0.tokens, token 0 of its text"})
    void goldenSamplesMustBeReproduced(String file, String words) throws Exception {
        Path bundle = copy("tiny-clip");
        byte[] bytes = Files.readAllBytes(bundle.resolve("golden/" + file));
        bytes[0] ^= 1;
        bytes[2] ^= (byte) 0xFF; // far enough for another CPU kind as well
        Files.write(bundle.resolve("golden/" + file), bytes);
        TinyBundle.relist(bundle, "golden/" + file);
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, words);
    }

    @Test
    void vectorsHaveLengthOne() throws Exception {
        Path bundle = copy("tiny-clip");
        // The sum of all components becomes 1 instead.
        byte[] onnx = Files.readAllBytes(bundle.resolve("image.onnx"));
        byte[] renamed = new String(onnx, StandardCharsets.ISO_8859_1)
                .replace("ReduceL2", "ReduceL1")
                .getBytes(StandardCharsets.ISO_8859_1);
        Files.write(bundle.resolve("image.onnx"), renamed);
        TinyBundle.relist(bundle, "image.onnx");
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID, "not 1: end the graph with a division");
    }

    @Test
    void brokenTokenizerIsSaid() throws Exception {
        Path bundle = copy("tiny-clip");
        Files.writeString(bundle.resolve("tokenizer.json"), "{}");
        TinyBundle.relist(bundle, "tokenizer.json");
        assertRefused(bundle, Reason.BUNDLE_TOKENIZER_INVALID, "tokenizer.json");
    }
}
