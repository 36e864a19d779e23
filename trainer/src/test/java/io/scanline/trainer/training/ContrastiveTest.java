package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.nn.PatchEncoder;
import io.scanline.trainer.nn.TextEncoder;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.RivalTexts;
import io.scanline.trainer.text.Vocabulary;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The losses of CLIP and SigLIP against sums written out, and its text encoder. */
class ContrastiveTest {
    private static final double SCALE = 3;
    private static final double BIAS = -1.5;
    /** Vectors of length 1 by their angles, so that a product is the cosine of a difference. */
    private static final double[] IMAGES = {0.1, 1.9, 4.0};

    private static final double[] TEXTS = {0.4, 1.2, 3.1};
    private static final boolean[] NONE = new boolean[9];
    /** Image 0 and text 2 have the same caption, and so have image 2 and text 0. */
    private static final boolean[] SAME = {false, false, true, false, false, false, true, false, false};

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static Tensor vectors(double... angles) {
        float[] numbers = new float[2 * angles.length];
        for (int i = 0; i < angles.length; i++) {
            numbers[2 * i] = (float) Math.cos(angles[i]);
            numbers[2 * i + 1] = (float) Math.sin(angles[i]);
        }
        return torch.tensor(numbers).reshape(angles.length, 2);
    }

    private static double logit(int image, int text) {
        return SCALE * Math.cos(IMAGES[image] - TEXTS[text]);
    }

    private static double symmetric(boolean... same) {
        double loss = 0;
        for (int own = 0; own < 3; own++) {
            double texts = 0;
            double images = 0;
            for (int other = 0; other < 3; other++) {
                texts += same[own * 3 + other] ? 0 : Math.exp(logit(own, other));
                images += same[other * 3 + own] ? 0 : Math.exp(logit(other, own));
            }
            loss += (Math.log(texts) + Math.log(images) - 2 * logit(own, own)) / 6;
        }
        return loss;
    }

    private static double pairwise(boolean... same) {
        double loss = 0;
        for (int pair = 0; pair < 9; pair++) {
            int sign = pair / 3 == pair % 3 ? 1 : -1;
            loss += same[pair] ? 0 : Math.log(1 + Math.exp(-sign * (logit(pair / 3, pair % 3) + BIAS))) / 3;
        }
        return loss;
    }

    @Test
    void symmetricLossIsItsClosedForm() {
        Tensor scale = torch.tensor(new float[] {(float) SCALE});
        Tensor x = vectors(IMAGES);
        Tensor y = vectors(TEXTS);
        assertThat(Contrastive.symmetric(x, y, scale, NONE).item_double()).isCloseTo(symmetric(NONE), within(1e-6));
        assertThat(Contrastive.symmetric(x, y, scale, SAME).item_double()).isCloseTo(symmetric(SAME), within(1e-6));
        assertThat(symmetric(SAME)).isLessThan(symmetric(NONE));
    }

    @Test
    void sigmoidLossIsItsClosedForm() {
        Tensor scale = torch.tensor(new float[] {(float) SCALE});
        Tensor bias = torch.tensor(new float[] {(float) BIAS});
        Tensor x = vectors(IMAGES);
        Tensor y = vectors(TEXTS);
        assertThat(Contrastive.pairwise(x, y, scale, bias, NONE).item_double()).isCloseTo(pairwise(NONE), within(1e-6));
        assertThat(Contrastive.pairwise(x, y, scale, bias, SAME).item_double()).isCloseTo(pairwise(SAME), within(1e-6));
    }

    @Test
    void rivalsPushImagesAndAreNoQueries() {
        Tensor scale = torch.tensor(new float[] {(float) SCALE});
        Tensor bias = torch.tensor(new float[] {(float) BIAS});
        Tensor x = vectors(IMAGES);
        double rival = 2.2;
        Tensor y = vectors(TEXTS[0], TEXTS[1], TEXTS[2], rival);
        double expected = symmetric(NONE);
        double pairwise = pairwise(NONE);
        boolean[] same = new boolean[12];
        same[3] = true; // the rival says what the first image shows
        for (int own = 1; own < 3; own++) {
            int image = own;
            double texts = IntStream.range(0, 3).mapToDouble(text -> Math.exp(logit(image, text))).sum();
            double more = Math.exp(SCALE * Math.cos(IMAGES[own] - rival));
            expected += (Math.log(texts + more) - Math.log(texts)) / 6;
            pairwise += Math.log(1 + Math.exp(SCALE * Math.cos(IMAGES[own] - rival) + BIAS)) / 3;
        }
        assertThat(Contrastive.symmetric(x, y, scale, same).item_double()).isCloseTo(expected, within(1e-6));
        assertThat(Contrastive.pairwise(x, y, scale, bias, same).item_double()).isCloseTo(pairwise, within(1e-6));
    }

    @Test
    void pairsOfTheSameCaptionPushNothingApart() {
        Tensor scale = torch.tensor(new float[] {(float) SCALE});
        Tensor x = vectors(0.1, 0.1).set_requires_grad(true);
        boolean[] same = {false, true, true, false};
        Contrastive.symmetric(x, vectors(0.7, 0.7), scale, same).backward();
        assertThat(x.grad().abs().max().item_float()).isLessThan(1e-6f); // nothing else to be told from
    }

    private static Clip clip(boolean sigmoid) {
        return new Clip(
                new ImageShape(16, 16, 3, 256, 0),
                new Clip.Config(
                        8,
                        new PatchEncoder.Size(8, 16, 1, 2, 16),
                        new TextEncoder.Size(100, 12, 16, 2, 2, 16),
                        sigmoid));
    }

    private static Contrastive objective(Clip network, CaptionedImages images) throws IOException {
        CaptionTexts.Wording wording = new CaptionTexts.Wording(List.of("{}"), 0);
        byte[] json = CaptionTexts.vocabulary(images.captions(), wording, 100).json();
        TextTokenizer tokenizer = TextTokenizer.read(json, Vocabulary.input(12));
        return new Contrastive(network, new CaptionTexts(images.captions(), wording, tokenizer), RivalTexts.NONE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pairsAreLearned(boolean sigmoid) throws IOException {
        CaptionedImages images = new CaptionedShapes(16, 1).draw();
        Clip network = clip(sigmoid);
        Contrastive objective = objective(network, images);
        Recipe.Training training =
                new Recipe.Training(1, 60, 16, 1, 0.01, 1e-4, 5, List.of(0.9, 0.99), 0, 10, 0, 100, 0);
        Replica replica = new Replica(objective, Parameters.initial(network.parameters(), 1));
        Player player = objective.players().get(0);
        List<Optimiser> optimisers = Optimiser.of(objective.players(), replica.parameters(), training);
        int[] spread = IntStream.range(0, 16).map(n -> n * 37).toArray();
        ImageSet batch = images.images().training().select(spread);
        double before = replica.evaluate(batch, 1);
        for (int step = 0; step < training.steps(); step++) {
            replica.accumulate(player, step, batch, Precision.FP32, step);
            optimisers.get(0).step(Schedule.of(training).at(step));
            objective.afterStep(replica.parameters(), step);
        }
        assertThat(replica.evaluate(batch, 1)).isLessThan(before / 2);
        assertThat(objective.likelihood()).isFalse();
        assertThat(objective.evaluationBatch()).isGreaterThan(100);
    }

    @Test
    void temperatureStartsAsPublishedAndIsClamped() throws IOException {
        Clip network = clip(false);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        Tensor scale = parameters.tensors().get(Clip.LOGIT_SCALE);
        assertThat(scale.exp().item_double()).isCloseTo(1 / 0.07, within(1e-4));
        Contrastive objective = objective(network, new CaptionedShapes(16, 1).draw());
        objective.afterStep(parameters, 0);
        assertThat(scale.exp().item_double()).as("below the limit it stays").isCloseTo(1 / 0.07, within(1e-4));
        try (NoGradGuard noGradients = new NoGradGuard()) {
            scale.add_(new Scalar(5));
        }
        objective.afterStep(parameters, 0);
        assertThat(scale.exp().item_double()).isCloseTo(100, within(1e-3));
        Parameters other = Parameters.initial(clip(true).parameters(), 1);
        assertThat(other.tensors().get(Clip.LOGIT_SCALE).exp().item_double()).isCloseTo(10, within(1e-4));
        assertThat(other.tensors().get(Clip.LOGIT_BIAS).item_double()).isEqualTo(-10);
    }

    @Test
    void textIsReadUpToItsEndAndCausally() {
        Clip network = clip(false);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        float[] vector = text(network, parameters, 5, 2, 7, 8, 9, 3, 0, 0);
        assertThat(vector).hasSize(8);
        assertThat(text(network, parameters, 5, 2, 7, 8, 9, 3, 44, 55)).as("behind the end").isEqualTo(vector);
        assertThat(text(network, parameters, 5, 2, 7, 8, 9, 4, 0, 0)).as("the end").isNotEqualTo(vector);
        assertThat(text(network, parameters, 5, 2, 7, 6, 9, 3, 0, 0)).as("before the end").isNotEqualTo(vector);
        assertThat(text(network, parameters, 4, 2, 7, 8, 9, 3, 0, 0)).as("another end").isNotEqualTo(vector);
        double length = IntStream.range(0, 8).mapToDouble(i -> vector[i] * vector[i]).sum();
        assertThat(length).isCloseTo(1, within(1e-5));
    }

    @Test
    void textsComputedWithThoseOfLikeLengthsAreThoseComputedAlone() throws IOException {
        Clip network = clip(false);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        long[] lengths = {12, 3, 7, 3, 9, 2, 12, 5, 4, 11};
        long[][] texts = IntStream.range(0, lengths.length)
                .mapToObj(text -> LongStream.range(0, 12)
                        .map(at -> at < lengths[text] ? 4 + (7 * text + at) % 90 : 0)
                        .toArray())
                .toArray(long[][]::new);
        long[] all = Arrays.stream(texts).flatMapToLong(Arrays::stream).toArray();
        Contrastive objective = objective(network, new CaptionedShapes(16, 1).draw());
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGradients = new NoGradGuard()) {
            Tensor together = objective.embedTexts(
                    new TorchOps(parameters.tensors()), new CaptionTexts.Tokens(all, lengths));
            float[] vectors = new float[lengths.length * 8];
            together.contiguous().data_ptr_float().get(vectors);
            for (int text = 0; text < lengths.length; text++) {
                float[] alone = text(network, parameters, lengths[text], texts[text]);
                for (int d = 0; d < 8; d++) {
                    assertThat(vectors[text * 8 + d]).as("text %d", text).isCloseTo(alone[d], within(1e-6f));
                }
            }
        }
    }

    private static float[] text(Clip network, Parameters parameters, long length, long... tokens) {
        long[] filled = Arrays.copyOf(tokens, 12);
        return ReferenceVision.embed(network, parameters, new CaptionTexts.Tokens(filled, new long[] {length}));
    }
}
