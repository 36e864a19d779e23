package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.CpuKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with the bundle of a model that draws what a text says is said in words. */
@Timeout(60)
class PromptBundleTest {
    @TempDir
    private Path repository;

    private int copies;

    private EngineConfig config() {
        return new EngineConfig(repository, 2, 4, 2, 1, 1 << 20);
    }

    private void assertRefused(Path bundle, Reason reason, String words) {
        assertThatThrownBy(() -> BundleCheck.check(bundle, config()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.getMessage()).contains(words);
                    assertThat(refused.reason()).isEqualTo(reason);
                });
    }

    private void assertRefusedAfter(Consumer<Bundle.Builder> change, String words) throws IOException {
        Path bundle = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, "bad" + copies++);
        TinyBundle.edit(bundle, change);
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID, words);
    }

    private Path changed(String path, byte[] content) throws IOException {
        Path bundle = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, "changed");
        Files.write(bundle.resolve(path), content);
        TinyBundle.relist(bundle, path);
        return bundle;
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void soundBundlePassesHereAndElsewhere(String model) throws Exception {
        Path bundle = TinyBundle.copyOf(model, repository, "good");
        ModelInfo info = BundleCheck.check(bundle, config());
        float recommended = model.equals(TinyBundle.TEXT) ? 1 : 3;
        assertThat(info.prompt()).contains(new ModelInfo.Prompt(8, 6, recommended));
        TinyBundle.edit(bundle, b -> b.getGoldenSamplesBuilderList().forEach(s -> s.setCpuKind("another")));
        assertThat(BundleCheck.check(bundle, config()).serving()).isTrue();
    }

    @Test
    void oneConditionIsEnough() throws Exception {
        assertRefusedAfter(bundle -> bundle.getConditioningBuilder().addClassNames("cat"), "conditioned on one of them");
    }

    @Test
    void graphAndTokenizerMustBeThere() throws Exception {
        assertRefusedAfter(bundle -> bundle.removeGraphs(1), "comes with textInput and a graph of role");
        assertRefusedAfter(Bundle.Builder::clearTextInput, "comes with textInput and a graph of role");
        assertRefusedAfter(bundle -> bundle.getTextInputBuilder().setTokenizer("nowhere.json"), "nowhere.json");
    }

    @Test
    void graphWithoutAUseIsRefused() throws Exception {
        assertRefusedAfter(bundle -> bundle.clearTextInput().clearConditioning(), "but no conditioning.text");
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65537, 0", "6, -1", "6, 20.5", "6, NaN"})
    void sizesAreBounded(int width, float guidance) throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getConditioningBuilder().getTextBuilder()
                        .setWidth(width).setRecommendedGuidance(guidance),
                "conditioning.text." + (width == 6 ? "recommendedGuidance" : "width"));
    }

    @Test
    void stepsMustKeepKeysAndValues() throws Exception {
        assertRefusedAfter(
                bundle -> bundle.getGraphsBuilder(0).clearState(), "only with a graph of role \"step\" that has");
    }

    @Test
    void stepsMustBeShownTheText() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, "bad");
        TinyBundle.edit(bundle, b -> b.getGraphsBuilder(0).removeTensors("condition"));
        assertRefused(bundle, Reason.BUNDLE_GRAPH_INVALID, "\"condition\"");
    }

    @Test
    void vectorMustBeAsWideAsDescribed() throws Exception {
        Path bundle = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, "bad");
        TinyBundle.edit(bundle, b -> {
            b.getConditioningBuilder().getTextBuilder().setWidth(7);
            b.getGoldenSamplesBuilderList().forEach(s -> s.setTextEmbedding(s.getLogits()));
        });
        assertRefused(bundle, Reason.BUNDLE_DESCRIPTION_INVALID, "its sample asks for 28");
    }

    @Test
    void goldenTextsAreReplayed() throws Exception {
        boolean here = TinyBundle.verified(TinyBundle.TEXT_PRIOR).bundle().getGoldenSamples(0).getCpuKind()
                .equals(CpuKind.current());
        Path bundle = TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, "bad");
        TinyBundle.edit(bundle, b -> b.getGoldenSamplesBuilder(0).setText("a red dog on the moon"));
        assertRefused(bundle, Reason.BUNDLE_GOLDEN_MISMATCH, "token 3 of its text is 11, golden is 10");
        byte[] vector = Files.readAllBytes(bundle.resolve("golden/0.condition"));
        vector[3] ^= here ? 0 : 0x40;
        vector[0] ^= 1;
        assertRefused(changed("golden/0.condition", vector), Reason.BUNDLE_GOLDEN_MISMATCH, "shown of its text");
    }

    @Test
    void tokenizerMustBeOne() throws Exception {
        assertRefused(
                changed("tokenizer.json", "{}".getBytes(StandardCharsets.UTF_8)),
                Reason.BUNDLE_TOKENIZER_INVALID, "tokenizer.json");
    }

    @Test
    void idOfTheUnknownIsFoundInEveryKindOfTokenizer() throws Exception {
        assertThat(PromptReader.unknownId("{\"model\":{\"unk_token\":\"?\",\"vocab\":{\"a\":0,\"?\":7}}}"))
                .isEqualTo(OptionalInt.of(7));
        assertThat(PromptReader.unknownId("{\"model\":{\"unk_id\":2,\"vocab\":[[\"a\",0.1]]}}"))
                .isEqualTo(OptionalInt.of(2));
        assertThat(PromptReader.unknownId("{\"model\":{\"unk_token\":null,\"vocab\":{\"a\":0}}}")).isEmpty();
    }
}
