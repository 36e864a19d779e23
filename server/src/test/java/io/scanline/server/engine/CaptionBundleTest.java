package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.Recurrent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with a bundle of a model that puts images into words is said in words. */
@Timeout(60)
class CaptionBundleTest {
    @TempDir
    private Path repository;

    private Path bundle;

    @BeforeEach
    void copy() throws IOException {
        bundle = TinyBundle.copyOf(TinyCaptions.NAME, repository, "bad");
    }

    private void assertRefused(Reason reason, String words) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    private void assertRefusedAfter(Consumer<Bundle.Builder> change, String words) throws IOException {
        TinyBundle.edit(bundle, change);
        assertRefused(Reason.BUNDLE_DESCRIPTION_INVALID, words);
    }

    @Test
    void soundBundlePasses() throws Exception {
        ModelInfo info = BundleCheck.check(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20));
        assertThat(info.captionTokens()).isEqualTo(TinyCaptions.MOST);
    }

    @Test
    void modelThatCaptionsDoesNothingElse() throws Exception {
        assertRefusedAfter(
                changed -> changed.getClassifierBuilder().addClassNames("a").addClassNames("b"), "neither embedding");
    }

    @Test
    void picturesAndTextsAreDescribed() throws Exception {
        assertRefusedAfter(Bundle.Builder::clearPictureInput, "pictureInput and textInput");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 16, 2, 3, 67, captioning.prefix", "4097, 16, 2, 3, 67, captioning.prefix",
        "5, 0, 2, 3, 67, captioning.width", "5, 16, 67, 3, 67, captioning.begin", "5, 16, 2, 67, 67, captioning.end",
        "5, 16, 2, 2, 67, the same id", "5, 16, 0, 1, 1, captioning.vocabulary"
    })
    void numbersHaveRanges(int prefix, int width, int begin, int end, int vocabulary, String words) throws Exception {
        assertRefusedAfter(
                changed -> changed.getCaptioningBuilder()
                        .setPrefix(prefix).setWidth(width).setBegin(begin).setEnd(end).setVocabulary(vocabulary),
                words);
    }

    @Test
    void bothGraphsMustBeThere() throws Exception {
        assertRefusedAfter(changed -> changed.removeGraphs(0), "\"image_prefix\"");
    }

    @Test
    void stepHasACacheAndNothingElse() throws Exception {
        assertRefusedAfter(
                changed -> changed.getGraphsBuilder(1).getStateBuilder().getKeyValueCacheBuilder()
                        .setElement(Element.ELEMENT_INT8),
                "float32");
        assertRefusedAfter(
                changed -> changed.getGraphsBuilder(1).getStateBuilder()
                        .addRecurrents(Recurrent.getDefaultInstance()).getKeyValueCacheBuilder().clearElement(),
                "beside");
        assertRefusedAfter(changed -> changed.getGraphsBuilder(1).clearState(), "keyValueCache");
    }

    @Test
    void cacheHoldsTheImageAndTheText() throws Exception {
        assertRefusedAfter(
                changed -> changed.getGraphsBuilder(1).getStateBuilder().getKeyValueCacheBuilder().setPositions(16),
                "keyValueCache.positions");
    }

    @ParameterizedTest
    @CsvSource({"6, 16, 67, prefix", "5, 15, 67, prefix"})
    void numbersAreThoseOfTheGraphs(int prefix, int width, int vocabulary, String tensor) throws Exception {
        TinyBundle.edit(bundle, changed -> {
            changed.getCaptioningBuilder().setPrefix(prefix).setWidth(width).setVocabulary(vocabulary);
            changed.getTextInputBuilder().setContext(11); // so that the cache still has room
        });
        assertRefused(Reason.BUNDLE_GRAPH_INVALID, tensor);
    }

    @Test
    void goldenLogitsAreOfEveryId() throws Exception {
        byte[] logits = Files.readAllBytes(bundle.resolve("golden/0.logits"));
        Files.write(bundle.resolve("golden/0.logits"), Arrays.copyOf(logits, logits.length - 4));
        TinyBundle.relist(bundle, "golden/0.logits");
        assertRefused(Reason.BUNDLE_DESCRIPTION_INVALID, "its caption asks for");
    }

    @ParameterizedTest
    @CsvSource({"0.logits, the logits of id 1 of its caption", "1.tokens, does not begin with captioning.begin"})
    void goldenSamplesMustBeReproduced(String file, String words) throws Exception {
        byte[] bytes = Files.readAllBytes(bundle.resolve("golden/" + file));
        bytes[0] ^= 1;
        if (file.endsWith("logits")) {
            bytes[2] ^= (byte) 0xFF; // far enough for another CPU kind as well
        }
        Files.write(bundle.resolve("golden/" + file), bytes);
        TinyBundle.relist(bundle, "golden/" + file);
        assertRefused(Reason.BUNDLE_GOLDEN_MISMATCH, words);
    }

    @Test
    void goldenTextIsWhatItsIdsSpell() throws Exception {
        TinyBundle.edit(bundle, changed -> changed.getGoldenSamplesBuilder(1).setText("a cat"));
        assertRefused(Reason.BUNDLE_GOLDEN_MISMATCH, "golden is \"a cat\"");
    }

    @Test
    void brokenTokenizerIsSaid() throws Exception {
        Files.writeString(bundle.resolve("tokenizer.json"), "{}");
        TinyBundle.relist(bundle, "tokenizer.json");
        assertRefused(Reason.BUNDLE_TOKENIZER_INVALID, "tokenizer.json");
    }

    @Test
    void goldenSamplesAreTheTrainersToMake() throws Exception {
        TinyBundle.edit(bundle, Bundle.Builder::clearGoldenSamples);
        assertThatThrownBy(() -> BundleSeal.seal(bundle, new EngineConfig(repository, 2, 4, 2, 1, 1 << 20)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("made by its trainer");
    }
}
