package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.GivenLevels;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training of a captioner on images of one grey each, which their captions name. */
class NextWordTest {
    private static final int EDGE = 4;
    private static final int CONTEXT = 8;
    private static final List<String> NAMES = List.of("black", "dark grey", "light grey", "white");
    private static final List<Caption> CAPTIONS =
            NAMES.stream().map(name -> new Caption(List.of(name), List.of(), "", name)).toList();

    @TempDir
    private Path directory;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static ImageSet images(int count) {
        int[] labels = IntStream.range(0, count).map(n -> n % NAMES.size()).toArray();
        byte[] levels = new byte[count * EDGE * EDGE];
        for (int at = 0; at < levels.length; at++) {
            levels[at] = (byte) labels[at / (EDGE * EDGE)];
        }
        return new ImageSet(levels, labels, EDGE, EDGE, 1, NAMES.size(), NAMES);
    }

    private static NextWord objective(int alignment, boolean summary) throws IOException {
        Captioner network = new Captioner.Config(
                        new Captioner.Vision("eye/1", null, new PatchEncoder.Size(2, 16, 1, 2, 16), summary),
                        16,
                        new TextEncoder.Size(100, CONTEXT, 16, 1, 2, 16),
                        0.1,
                        alignment)
                .network(new ImageShape(EDGE, EDGE, 1, NAMES.size(), NAMES.size()));
        CaptionTexts.Wording wording = new CaptionTexts.Wording(List.of("{}"), 0);
        byte[] json = CaptionTexts.vocabulary(CAPTIONS, wording, 100).json();
        CaptionTexts texts =
                new CaptionTexts(CAPTIONS, wording, TextTokenizer.read(json, Vocabulary.input(CONTEXT)));
        return new NextWord(network, texts, Parameters.initial(network.images().parameters(), 77));
    }

    private TrainingRun run(NextWord objective, int steps) throws IOException {
        Recipe.Training training = new Recipe.Training(
                1, steps, 12, 2, 0.01, 0.001, 2, List.of(0.9, 0.98), 0.01, 1, 0, 100, 12);
        return new TrainingRun(
                training, objective, images(120), new GivenLevels(NAMES.size()), directory, Precision.FP32, 100, Peers.NONE);
    }

    private static float[] numbers(Parameters parameters, String name) {
        return TorchNumbers.of(parameters.tensors().get(name));
    }

    @Test
    void encoderStandsStillInTheFirstStageAndMovesInTheSecond() throws IOException, InterruptedException {
        NextWord objective = objective(3, true);
        String seeing = "image.patches.weight";
        float[] before = numbers(objective.encoder(), seeing);
        try (TrainingRun run = run(objective, 5)) {
            float[] projection = numbers(run.average(), "projection.up.weight");
            assertThat(numbers(run.average(), seeing)).isEqualTo(before);
            run.train(3, point -> {});
            assertThat(numbers(run.average(), seeing)).as("after the first stage").isEqualTo(before);
            assertThat(numbers(run.average(), "projection.up.weight")).isNotEqualTo(projection);
            run.train(5, point -> {});
            assertThat(numbers(run.average(), seeing)).as("in the second stage").isNotEqualTo(before);
        }
    }

    @Test
    void runThatStopsBetweenTheStagesGivesTheSame() throws IOException, InterruptedException {
        float[] whole;
        try (TrainingRun run = run(objective(3, true), 6)) {
            run.train(6, point -> {});
            whole = numbers(run.average(), "image.patches.weight");
        }
        Path other = directory.resolve("other");
        for (int end : new int[] {2, 4, 6}) {
            Recipe.Training training = new Recipe.Training(
                    1, 6, 12, 2, 0.01, 0.001, 2, List.of(0.9, 0.98), 0.01, 1, 0, 100, 12);
            try (TrainingRun run = new TrainingRun(
                    training, objective(3, true), images(120), new GivenLevels(NAMES.size()), other, Precision.FP32,
                    100, Peers.NONE)) {
                run.train(end, point -> {});
                if (end == 6) {
                    assertThat(numbers(run.average(), "image.patches.weight")).isEqualTo(whole);
                }
            }
        }
    }

    @Test
    void captionsAreLearnedFromTheImage() throws IOException, InterruptedException {
        NextWord objective = objective(20, false);
        try (TrainingRun run = run(objective, 80)) {
            run.train(80, point -> {});
            TorchOps ops = new TorchOps(run.average().tensors());
            double own = loss(objective, ops, images(12));
            int[] turned = Arrays.stream(images(12).labels()).map(label -> (label + 1) % NAMES.size()).toArray();
            ImageSet others = new ImageSet(images(12).values(), turned, EDGE, EDGE, 1, NAMES.size(), NAMES);
            assertThat(own).isLessThan(0.2);
            assertThat(loss(objective, ops, others)).isGreaterThan(own + 1);
        }
    }

    private static double loss(NextWord objective, TorchOps ops, ImageSet images) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            return objective.loss(ops, images, Precision.FP32, 0).item_double();
        }
    }

    /** Captions of 1 and of 2 words have 2 and 3 ids to be told. */
    @Test
    void lossIsAMeanOverIdsAndNotOverWhatIsFilledUp() throws IOException {
        NextWord objective = objective(0, true);
        TorchOps ops = new TorchOps(
                Parameters.initial(objective.network().parameters(), 1).tensors());
        double black = loss(objective, ops, images(4).select(new int[] {0}));
        double grey = loss(objective, ops, images(4).select(new int[] {1}));
        assertThat(loss(objective, ops, images(4).first(2))).isCloseTo((2 * black + 3 * grey) / 5, within(1e-5));
    }

    @Test
    void logitsKnowTheImageAndTheIdsBeforeThemOnly() throws IOException {
        Captioner network = objective(0, false).network();
        assertThat(network.prefix()).isEqualTo(4);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        float[] before = logits(network, parameters, 0, 2, 7, 8, 9);
        float[] after = logits(network, parameters, 0, 2, 7, 10, 9);
        int known = (network.prefix() + 2) * 100;
        assertThat(Arrays.copyOf(after, known)).isEqualTo(Arrays.copyOf(before, known));
        assertThat(Arrays.copyOfRange(after, known, after.length))
                .isNotEqualTo(Arrays.copyOfRange(before, known, before.length));
        float[] other = logits(network, parameters, 3, 2, 7, 8, 9);
        assertThat(Arrays.copyOfRange(other, known, other.length))
                .isNotEqualTo(Arrays.copyOfRange(before, known, before.length));
    }

    private static float[] logits(Captioner network, Parameters parameters, int label, long... ids) {
        Map<String, float[]> answer = ReferenceVision.caption(
                network,
                parameters,
                images(4).select(new int[] {label}),
                new CaptionTexts.Tokens(ids, new long[] {ids.length}),
                100);
        assertThat(answer.get("prefix")).hasSize(network.prefix() * network.width());
        return answer.get("logits");
    }

    /** What is not read may be anything. */
    @Test
    void imageIsReadBeforeTheTextAndIdsBehindItOnly() throws IOException {
        Captioner network = objective(0, true).network();
        TorchOps ops = new TorchOps(Parameters.initial(network.parameters(), 1).tensors());
        int prefix = network.prefix();
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            assertThat(prefix).isEqualTo(5);
            assertThat(states(network, ops, 0, 0)).isEqualTo(states(network, ops, Float.NaN, -1));
        }
    }

    private static float[] states(Captioner network, TorchOps ops, float vectorOfText, long idOfImage) {
        int prefix = network.prefix();
        int all = prefix + 2;
        float[] vectors = new float[all * network.width()];
        Arrays.fill(vectors, 0.5f);
        Arrays.fill(vectors, prefix * network.width(), vectors.length, vectorOfText);
        long[] ids = new long[all];
        Arrays.fill(ids, idOfImage);
        ids[prefix] = 2;
        ids[prefix + 1] = 7;
        Tensor states = network.states(
                ops,
                torch.tensor(vectors).reshape(1, all, network.width()),
                torch.tensor(ids).reshape(1, all),
                torch.tensor(IntStream.range(0, all).asLongStream().toArray()).reshape(1, all));
        return TorchNumbers.of(states);
    }
}
