package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.GivenLevels;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of a prior that reads, on codes that follow from the text but for some noise. */
class NextCodeTest {
    private static final int CODES = 6;
    private static final int EDGE = 3;
    private static final List<String> WORDS = List.of("apple", "boat", "cloud", "drum", "eagle", "fern");
    private static final List<Caption> CAPTIONS = WORDS.stream()
            .map(word -> new Caption(List.of(word), List.of("thing"), "", word))
            .toList();

    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    /** Every grid shows its caption's code, but for one of nine places. */
    private static ImageSet grids(int count) {
        Random random = new Random(5);
        byte[] codes = new byte[count * EDGE * EDGE];
        int[] labels = IntStream.range(0, count).map(n -> n % CODES).toArray();
        for (int at = 0; at < codes.length; at++) {
            codes[at] = (byte) labels[at / (EDGE * EDGE)];
        }
        for (int n = 0; n < count; n++) {
            codes[n * EDGE * EDGE + random.nextInt(EDGE * EDGE)] = (byte) random.nextInt(CODES);
        }
        return new ImageSet(codes, labels, EDGE, EDGE, 1, CODES, WORDS);
    }

    private static NextCode objective(double dropout) throws IOException {
        TextPrior network = new TextPrior.Config(
                        16, 2, 2, 16, 1, new TextEncoder.Size(100, 10, 16, 1, 2, 16), dropout)
                .network(new ImageShape(EDGE, EDGE, 1, CODES, WORDS.size()));
        CaptionTexts.Wording wording = new CaptionTexts.Wording(List.of("{}", "a picture of {}"), 0.2, 0.1);
        byte[] json = CaptionTexts.vocabulary(CAPTIONS, wording, 100).json();
        return new NextCode(
                network, new CaptionTexts(CAPTIONS, wording, TextTokenizer.read(json, Vocabulary.input(10))));
    }

    private static Recipe.Training training(int steps) {
        return new Recipe.Training(1, steps, 12, 2, 0.02, 0.001, 2, List.of(0.9, 0.98), 0.01, 1, 0.5, 100, 12);
    }

    private static TrainingRun run(Path path, int steps) throws IOException {
        return new TrainingRun(
                training(steps), objective(0.2), grids(120), new GivenLevels(CODES), path, Precision.FP32, 4, Peers.NONE);
    }

    private static float[] train(Path path, int last) throws IOException, InterruptedException {
        try (TrainingRun run = run(path, 8)) {
            run.train(last, point -> {});
            return run.average().tensors().values().stream()
                    .map(TorchNumbers::of)
                    .reduce(new float[0], NextCodeTest::joined);
        }
    }

    private static float[] joined(float[] some, float... others) {
        float[] all = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        return all;
    }

    @Test
    void resumedRunWithDropoutGivesTheWeightsOfAnUninterruptedOne() throws IOException, InterruptedException {
        float[] whole = train(directory.resolve("whole"), 8);
        train(directory.resolve("parts"), 4);
        float[] resumed = train(directory.resolve("parts"), 8);
        assertThat(resumed).isEqualTo(whole);
        assertThat(directory.resolve("parts").resolve(LossCurve.FILE))
                .hasSameTextualContentAs(directory.resolve("whole").resolve(LossCurve.FILE));
        assertThat(Files.readAllLines(directory.resolve("parts").resolve(LossCurve.FILE))).hasSize(9);
    }

    @Test
    void noiseDecidesTheTrainingLossAndNotThatOfValidation() throws IOException {
        NextCode objective = objective(0.2);
        TorchOps ops = new TorchOps(
                Parameters.initial(objective.network().parameters(), 1).tensors());
        ImageSet images = grids(12);
        Player player = objective.players().get(0);
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            double loss = player.loss().of(ops, images, Precision.FP32, 3, 0).item_double();
            assertThat(player.loss().of(ops, images, Precision.FP32, 3, 0).item_double()).isEqualTo(loss);
            assertThat(player.loss().of(ops, images, Precision.FP32, 4, 0).item_double()).isNotEqualTo(loss);
            double validation = objective.loss(ops, images, Precision.FP32, 3).item_double();
            assertThat(objective.loss(ops, images, Precision.FP32, 4).item_double()).isEqualTo(validation);
        }
    }

    @Test
    void textIsLearned() throws IOException, InterruptedException {
        NextCode objective = objective(0.1);
        try (TrainingRun run = new TrainingRun(
                training(80), objective, grids(240), new GivenLevels(CODES), directory, Precision.FP32, 100, Peers.NONE)) {
            run.train(80, point -> {});
            TorchOps ops = new TorchOps(run.average().tensors());
            double own = loss(objective, ops, grids(60));
            double others = loss(objective, ops, relabelled(grids(60)));
            assertThat(own).isLessThan(0.9);
            assertThat(others).isGreaterThan(own + 0.3);
        }
    }

    private static ImageSet relabelled(ImageSet images) {
        int[] labels = Arrays.stream(images.labels()).map(label -> (label + 1) % CODES).toArray();
        return new ImageSet(images.values(), labels, EDGE, EDGE, 1, CODES, WORDS);
    }

    private static double loss(NextCode objective, TorchOps ops, ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return objective.loss(ops, images, Precision.FP32, 0).item_double();
        }
    }

    @Test
    void textIsReadUpToItsEndWhoeverElseIsRead() throws IOException {
        TextPrior network = objective(0).network();
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        float[] one = condition(network, parameters, 4, 2, 7, 8, 3, 0, 0);
        assertThat(one).hasSize(network.conditionWidth()).hasSize(16 * (1 + 4 * 2));
        assertThat(condition(network, parameters, 4, 2, 7, 8, 3, 9, 9)).as("behind the end").isEqualTo(one);
        assertThat(condition(network, parameters, 4, 2, 8, 7, 3, 0, 0)).as("another order").isNotEqualTo(one);
        assertThat(condition(network, parameters, 2, 2, 3, 0, 0, 0, 0)).as("nothing").isNotEqualTo(one);
        long[] three = new long[30];
        for (int n = 0; n < 3; n++) {
            System.arraycopy(new long[] {2, 7, 8, 3}, 0, three, 10 * n, 4);
        }
        float[] together = ReferenceVision.condition(
                network, parameters, new CaptionTexts.Tokens(three, new long[] {4, 4, 4}));
        assertThat(together).isEqualTo(joined(joined(one, one), one));
    }

    @Test
    void codeChangesOnlyTheLogitsAfterItAndTheTextAll() throws IOException {
        TextPrior network = objective(0).network();
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        float[] text = condition(network, parameters, 4, 2, 7, 8, 3);
        byte[] codes = {0, 1, 2, 3, 4, 5, 0, 1, 2};
        float[] before = ReferenceLogits.of(network, parameters, codes, 0, text);
        codes[4] = 1;
        float[] after = ReferenceLogits.of(network, parameters, codes, 0, text);
        int known = 5 * CODES;
        assertThat(Arrays.copyOf(after, known)).isEqualTo(Arrays.copyOf(before, known));
        assertThat(after).isNotEqualTo(before);
        float[] other = ReferenceLogits.of(network, parameters, codes, 0, condition(network, parameters, 3, 2, 9, 3));
        for (int i = 0; i < codes.length; i++) {
            assertThat(Arrays.copyOfRange(other, i * CODES, (i + 1) * CODES))
                    .isNotEqualTo(Arrays.copyOfRange(after, i * CODES, (i + 1) * CODES));
        }
    }

    private static float[] condition(TextPrior network, Parameters parameters, long length, long... tokens) {
        return ReferenceVision.condition(
                network, parameters, new CaptionTexts.Tokens(Arrays.copyOf(tokens, 10), new long[] {length}));
    }

    @Test
    void textsThatEndBeforeTheContextNeedNoMoreOfIt() throws IOException {
        TextPrior network = objective(0).network();
        TorchOps ops = new TorchOps(Parameters.initial(network.parameters(), 1).tensors());
        CaptionTexts.Tokens said = new CaptionTexts.Tokens(new long[] {2, 7, 3, 0, 0, 0, 0, 0, 0, 0}, new long[] {3});
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor lengths = torch.tensor(said.lengths());
            Tensor tokens = Contrastive.tokens(said);
            float[] whole = TorchNumbers.of(network.condition(ops, tokens, 10, lengths));
            float[] trimmed = TorchNumbers.of(network.condition(ops, tokens.narrow(1, 0, 3), 3, lengths));
            for (int i = 0; i < whole.length; i++) {
                assertThat(trimmed[i]).isCloseTo(whole[i], within(1e-5f));
            }
        }
    }
}
