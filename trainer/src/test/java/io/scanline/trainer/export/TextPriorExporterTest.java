package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the bundle of a prior that reads, one that was never trained. */
class TextPriorExporterTest {
    private static final List<String> TEXTS = List.of("", "red circle above blue square", "green cross left of red circle");

    @TempDir
    private static Path models;

    private static TextPrior network;
    private static Path directory;
    private static StoredBundle stored;
    private static List<String> said;

    @BeforeAll
    static void export() throws Exception {
        Libtorch.load();
        TinyTokenizer.writeForCaptions(models, 1);
        Recipe.Source source = Recipe.load("tiny-text-prior");
        Tokenizer tokenizer = Tokenizer.of(source.recipe(), models);
        CaptionedImages drawn = CaptionedShapes.DATA_SET.draw();
        CodeGrids grids = new CodeGrids(tokenizer.stored(), 1);
        TrainTest codes = new TrainTest(
                grids.of(drawn.images().training().first(40), done -> {}),
                grids.of(drawn.images().test().first(12), done -> {}));
        CaptionedImages captioned = new CaptionedImages(codes, drawn.unseenStyle(), drawn.captions());
        network = (TextPrior) source.recipe().network(codes.training());
        byte[] texts = CaptionTexts.vocabulary(
                        drawn.of(drawn.images().training()), source.recipe().captions().wording(), 128)
                .json();
        said = new ArrayList<>();
        directory = new TextPriorExporter(
                        source.withTokenizer(tokenizer.digest()),
                        network,
                        Parameters.initial(network.parameters(), 1),
                        tokenizer,
                        captioned,
                        texts,
                        Dataset.getDefaultInstance(),
                        0,
                        0)
                .export(models, 1, said::add, done -> {});
        stored = StoredBundle.read(directory);
    }

    @Test
    void bundleSaysHowATextReachesTheSteps() {
        Bundle bundle = stored.bundle();
        assertThat(stored.drawsTexts()).isTrue();
        assertThat(stored.drawsCodes()).isTrue();
        assertThat(bundle.getGraphsList()).extracting("role")
                .containsExactly("text_condition", "step", "encoder", "decoder");
        assertThat(bundle.getConditioning().getClassNamesCount()).isZero();
        assertThat(bundle.getConditioning().getText().getWidth()).isEqualTo(network.conditionWidth());
        assertThat(bundle.getConditioning().getText().getRecommendedGuidance()).isEqualTo(2);
        assertThat(bundle.getTextInput().getContext()).isEqualTo(16);
        Graph step = stored.required("step");
        assertThat(step.getTensorsMap()).containsKeys("context", "position", "condition", "logits", "past_key.0");
        assertThat(step.containsTensors("label")).isFalse();
        assertThat(step.getState().getKeyValueCache().getPositions()).isEqualTo(16);
        assertThat(stored.required("text_condition").getTensorsMap())
                .containsOnlyKeys("tokens", "lengths", "condition");
        assertThat(bundle.getFilesList()).extracting("path").contains("tokenizer.json", "text_condition.onnx");
        assertThat(directory.resolve("preview.png")).isNotEmptyFile();
        assertThat(said).filteredOn(line -> line.contains("tolerated difference")).hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("condition"))
                .anySatisfy(line -> assertThat(line).contains("cached steps"));
    }

    @Test
    void goldenSamplesHaveATextAndWhatIsReadOfItAndNoGuidance() throws Exception {
        assertThat(stored.bundle().getGoldenSamplesList()).hasSize(3).first().extracting("text").isEqualTo("");
        StoredBundle grid = stored.drawn();
        for (GoldenSample sample : stored.bundle().getGoldenSamplesList()) {
            try (PromptReader reader = new PromptReader(stored)) {
                Conditions conditions = reader.conditions(List.of(sample.getText()));
                ByteBuffer vector = bytes(sample.getTextEmbedding());
                assertThat(vector.remaining()).isEqualTo(network.conditionWidth() * Float.BYTES);
                for (float number : conditions.of(0)) {
                    assertThat(vector.getFloat()).isEqualTo(number);
                }
                ByteBuffer tokens = bytes(sample.getTextTokens());
                for (int id : reader.ids(sample.getText())) {
                    assertThat(tokens.getInt()).isEqualTo(id);
                }
                assertThat(tokens.remaining()).isZero();
                try (StepSession steps = new StepSession(grid, 1, conditions)) {
                    byte[] codes = Files.readAllBytes(directory.resolve(sample.getPixels()));
                    assertThat(new Sampler(grid.bundle(), steps).draw(new int[1], sample.getSeed(), 0, 1))
                            .containsExactly(codes);
                    ByteBuffer logits = bytes(sample.getLogits());
                    for (float logit : steps.stepLogits(List.of(codes), new int[1])) {
                        assertThat(logits.getFloat()).isEqualTo(logit);
                    }
                }
                assertThat(directory.resolve(sample.getDecoded())).hasSize(32 * 32 * 3 * Float.BYTES);
            }
        }
    }

    private static ByteBuffer bytes(String file) throws Exception {
        return ByteBuffer.wrap(Files.readAllBytes(directory.resolve(file))).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void figuresSayHowMuchTheTextTells() {
        Map<String, Metric> figures = stored.bundle().getMetricsList().stream()
                .collect(Collectors.toMap(Metric::getName, metric -> metric));
        assertThat(stored.bundle().getMetrics(0).getName()).isEqualTo("bits_per_code");
        assertThat(figures.get("bits_per_code").getProtocol()).contains("given the caption", "tiny-shapes-vq/1");
        assertThat(figures.get("bits_per_code_empty_text").getProtocol()).contains("given the empty text");
        assertThat(figures.get("bits_per_code_shuffled_captions").getProtocol()).contains("another image's caption");
        assertThat(figures.get("bits_per_code_empty_text").getValue())
                .isNotEqualTo(figures.get("bits_per_code").getValue())
                .isPositive();
        assertThat(figures.get("counted_floor").getProtocol()).contains("without the caption");
    }

    @Test
    void everyImageIsGivenAnothersCaptionWhenTheyAreShuffled() {
        int[] own = IntStream.rangeClosed(1, 9).toArray();
        List<String> texts = IntStream.rangeClosed(0, 9).mapToObj(Integer::toString).toList();
        TestTexts test = new TestTexts(
                new ImageSet(new byte[9], own, 1, 1, 1, 2, texts), texts);
        int[] others = test.others();
        assertThat(Arrays.stream(others).sorted().toArray()).isEqualTo(own);
        for (int n = 0; n < own.length; n++) {
            assertThat(others[n]).isNotEqualTo(own[n]);
        }
        assertThat(test.empty().labels()).containsOnly(0);
        assertThat(test.others()).isEqualTo(others);
    }

    private static List<byte[]> draw(float guidance, int... labels) throws Exception {
        try (PromptReader reader = new PromptReader(stored);
                PromptSampler sampler =
                        new PromptSampler(stored, reader.conditions(TEXTS), labels.length, guidance)) {
            return sampler.draw(labels, 7, 0, 1);
        }
    }

    @Test
    void guidanceOfOneIsNoneAndOfZeroForgetsTheText() throws Exception {
        List<byte[]> plain = draw(1, 1, 2);
        assertThat(draw(0, 1, 2)).usingRecursiveComparison().isEqualTo(draw(1, 0, 0));
        assertThat(plain).usingRecursiveComparison().isNotEqualTo(draw(1, 0, 0));
        assertThat(draw(1.000001f, 1, 2)).usingRecursiveComparison().isEqualTo(plain);
        assertThat(draw(8, 1, 2)).usingRecursiveComparison().isNotEqualTo(plain);
    }

    @Test
    void logitsAreTheSameWhateverTextsAreInTheBatch() throws Exception {
        byte[] codes = Files.readAllBytes(directory.resolve("golden/1.pixels"));
        StoredBundle grid = stored.drawn();
        try (PromptReader reader = new PromptReader(stored);
                StepSession alone = new StepSession(grid, 1, reader.conditions(TEXTS));
                StepSession three = new StepSession(grid, 3, reader.conditions(TEXTS))) {
            float[] together = three.stepLogits(List.of(codes, codes, codes), new int[] {0, 2, 1});
            int each = together.length / 3;
            assertThat(Arrays.copyOfRange(together, each, 2 * each))
                    .isEqualTo(alone.stepLogits(List.of(codes), new int[] {2}))
                    .isNotEqualTo(Arrays.copyOfRange(together, 2 * each, 3 * each));
        }
    }

    @Test
    void vectorOfATextIsTheSameWhateverElseIsRead() throws Exception {
        try (PromptReader reader = new PromptReader(stored)) {
            float[] together = reader.condition(reader.tokens(TEXTS));
            int width = network.conditionWidth();
            for (int n = 0; n < TEXTS.size(); n++) {
                assertThat(Arrays.copyOfRange(together, n * width, (n + 1) * width))
                        .isEqualTo(reader.conditions(TEXTS).of(n));
            }
        }
    }

    @Test
    void sessionWithoutATextIsRefused() {
        assertThatThrownBy(() -> new StepSession(stored.drawn(), 1)).hasMessageContaining("what a text says");
    }
}
