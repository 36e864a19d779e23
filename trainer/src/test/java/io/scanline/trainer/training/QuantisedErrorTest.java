package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static io.scanline.trainer.ops.TorchNumbers.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.VectorQuantisedAutoencoder.Codebook;
import io.scanline.trainer.nn.FiniteScalar;
import io.scanline.trainer.nn.LatentQuantiser.Quantised;
import io.scanline.trainer.nn.NearestCode;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quantisers and the losses that tie a codebook to its encoder. */
class QuantisedErrorTest {
    private static final int CODES = 4;
    private static final int WIDTH = 3;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void gradientPassesTheQuantiserUnchanged() {
        NearestCode quantiser = new NearestCode("q", WIDTH, CODES, true);
        TorchOps ops = new TorchOps(Parameters.initial(quantiser.parameters(), 1).tensors());
        Tensor vectors = normal(2, 2, 2, 2, WIDTH).set_requires_grad(true);
        Quantised<Tensor> quantised = quantiser.quantise(ops, vectors);
        Tensor weights = normal(3, 2, 2, 2, WIDTH);
        Tensor passed = quantised.straightThrough(ops);
        assertClose(TorchNumbers.of(passed), TorchNumbers.of(quantiser.lookUp(ops, quantised.tokens())));
        passed.mul(weights).sum().backward();
        assertThat(TorchNumbers.of(vectors.grad())).isEqualTo(TorchNumbers.of(weights));
    }

    /** Fails when the sides are swapped: beta must be on what moves the encoder. */
    @Test
    void commitmentMovesTheEncoderByBetaAndTheCodebookLossMovesTheCodes() {
        double beta = 0.25;
        Tensor vectors = normal(4, 5, WIDTH).set_requires_grad(true);
        Tensor codes = normal(5, 5, WIDTH).set_requires_grad(true);
        float[] difference = TorchNumbers.of(vectors.sub(codes));
        float[] toEncoder = new float[difference.length];
        float[] toCodes = new float[difference.length];
        for (int i = 0; i < difference.length; i++) {
            toEncoder[i] = (float) (beta * 2 * difference[i] / difference.length);
            toCodes[i] = -2 * difference[i] / difference.length;
        }
        QuantisedError.commitment(vectors, codes, beta).backward();
        assertClose(TorchNumbers.of(vectors.grad()), toEncoder);
        assertThat(codes.grad().defined()).isFalse();

        Tensor again = vectors.detach().set_requires_grad(true);
        QuantisedError.codebookLoss(again, codes).backward();
        assertClose(TorchNumbers.of(codes.grad()), toCodes);
        assertThat(again.grad().defined()).isFalse();
    }

    @Test
    void averagesFollowTheVectorsOfEveryCode() {
        Codebook settings = new Codebook(CODES, WIDTH, 0.25, true, 0.9, 0);
        NearestCode quantiser = new NearestCode("q", WIDTH, CODES, true);
        Parameters parameters = Parameters.initial(quantiser.parameters(), 1).withGradients();
        TorchOps ops = new TorchOps(parameters.tensors());
        float[] before = TorchNumbers.of(parameters.tensors().get("q.codebook"));
        Tensor vectors = normal(6, 1, 2, 5, WIDTH);
        Tensor tokens = torch.tensor(0L, 0L, 0L, 1L, 1L, 3L, 3L, 3L, 3L, 3L).reshape(1, 2, 5);
        Tensor carried = CodebookAverages.carry(ops, quantiser, vectors, tokens);
        assertThat(carried.item_double()).isZero();
        carried.backward();
        new CodebookAverages(quantiser, settings).update(parameters, 1);

        float[] x = TorchNumbers.of(vectors);
        long[] code = {0, 0, 0, 1, 1, 3, 3, 3, 3, 3};
        float[] usage = new float[CODES];
        float[] codebook = new float[CODES * WIDTH];
        for (int k = 0; k < CODES; k++) {
            int of = k;
            long count = IntStream.range(0, 10).filter(i -> code[i] == of).count();
            double share = 0.9 / CODES + 0.1 * count / 10;
            usage[k] = (float) share;
            for (int d = 0; d < WIDTH; d++) {
                int component = d;
                double sum = IntStream.range(0, 10)
                        .filter(i -> code[i] == of)
                        .mapToDouble(i -> x[i * WIDTH + component])
                        .sum();
                codebook[k * WIDTH + d] =
                        (float) ((0.9 / CODES * before[k * WIDTH + d] + 0.1 * sum / 10) / share);
            }
        }
        assertClose(TorchNumbers.of(parameters.tensors().get("q.usage")), usage);
        assertClose(TorchNumbers.of(parameters.tensors().get("q.codebook")), codebook);
    }

    @Test
    void numberOfWorkersDoesNotChangeTheAverages() throws IOException, InterruptedException {
        Recipe recipe = Recipe.load("tiny-vq").recipe();
        ImageSet images = new SyntheticShapes(8, 8).draw(16, 1);
        Objective objective = Families.objective(recipe.network(images));
        Player player = objective.players().get(0);
        Parameters initial = Parameters.initial(objective.network().parameters(), 1);
        try (DataParallel one = new DataParallel(objective, initial, 1, Peers.NONE);
                DataParallel four = new DataParallel(objective, initial, 4, Peers.NONE)) {
            one.accumulate(player, 0, images, Precision.FP32, 0);
            four.accumulate(player, 0, images, Precision.FP32, 0);
            objective.afterStep(one.weights(), 0);
            objective.afterStep(four.weights(), 0);
            for (String name : List.of("quantiser.usage", "quantiser.codebook")) {
                float[] moved = TorchNumbers.of(one.weights().tensors().get(name));
                assertClose(TorchNumbers.of(four.weights().tensors().get(name)), moved);
                assertThat(moved).isNotEqualTo(TorchNumbers.of(initial.tensors().get(name)));
            }
        }
    }

    /** All vectors lie around two points, far from most codes: without restarts two codes would do all the work. */
    @Test
    void restartsPutEveryCodeToUse() {
        int codes = 16;
        Codebook settings = new Codebook(codes, WIDTH, 0.25, true, 0.8, 0.2);
        NearestCode quantiser = new NearestCode("q", WIDTH, codes, true);
        Parameters parameters = Parameters.initial(quantiser.parameters(), 1).withGradients();
        TorchOps ops = new TorchOps(parameters.tensors());
        CodebookAverages averages = new CodebookAverages(quantiser, settings);
        Tensor vectors = normal(7, 1, 16, 16, WIDTH);
        vectors.select(1, 0).add_(new Scalar(9.0f));
        Tensor far = vectors.add(new Scalar(5.0f));
        assertThat(used(quantiser, ops, far)).isLessThan(8);
        for (int step = 0; step < 60; step++) {
            zeroGradients(parameters);
            Quantised<Tensor> quantised = quantiser.quantise(ops, far);
            CodebookAverages.carry(ops, quantiser, far, quantised.tokens()).backward();
            averages.update(parameters, step);
        }
        assertThat(used(quantiser, ops, far)).isGreaterThanOrEqualTo(15);
    }

    private static void zeroGradients(Parameters parameters) {
        for (Tensor tensor : parameters.tensors().values()) {
            if (tensor.grad().defined()) {
                tensor.mutable_grad().zero_();
            }
        }
    }

    private static long used(NearestCode quantiser, TorchOps ops, Tensor vectors) {
        float[] tokens = TorchNumbers.of(quantiser.quantise(ops, vectors).tokens());
        return IntStream.range(0, tokens.length).map(i -> (int) tokens[i]).distinct().count();
    }

    @ParameterizedTest
    @CsvSource({"8 6 5, 1.2", "2 3, 3", "5 5 5, 1.2", "4, 3"})
    void scalarsReachEveryCodeAndNoOther(String text, float deviation) {
        List<Integer> levels = List.of(text.split(" ")).stream().map(Integer::valueOf).toList();
        FiniteScalar quantiser = new FiniteScalar(levels);
        TorchOps ops = new TorchOps(Map.of());
        Tensor vectors = normal(8, 1, 200, 200, levels.size()).mul(new Scalar(deviation));
        Quantised<Tensor> quantised = quantiser.quantise(ops, vectors);
        float[] tokens = TorchNumbers.of(quantised.tokens());
        int codes = levels.stream().reduce(1, (a, b) -> a * b);
        assertThat(quantiser.codes()).isEqualTo(codes);
        assertThat(IntStream.range(0, tokens.length).map(i -> (int) tokens[i]).distinct().count())
                .isEqualTo(codes);
        assertClose(
                TorchNumbers.of(quantiser.lookUp(ops, quantised.tokens())), TorchNumbers.of(quantised.code()));
        for (float component : TorchNumbers.of(quantised.code())) {
            assertThat(component).isBetween(-1f, 1f);
        }
    }

    @Test
    void scalarAtZeroIsZeroAndGradientsPassTheRounding() {
        FiniteScalar quantiser = new FiniteScalar(List.of(8, 5));
        TorchOps ops = new TorchOps(Map.of());
        Tensor vectors = torch.zeros(1, 1, 1, 2).set_requires_grad(true);
        Quantised<Tensor> quantised = quantiser.quantise(ops, vectors);
        assertThat(TorchNumbers.of(quantised.code())).containsExactly(0, 0);
        quantised.straightThrough(ops).sum().backward();
        float[] gradient = TorchNumbers.of(vectors.grad());
        // d/dz of tanh(z + s) (L - 1) (1 + epsilon) / 2 / floor(L / 2) at 0.
        double shift = 0.5 / (7 * 1.001 / 2);
        assertThat((double) gradient[0]).isCloseTo((1 - shift * shift) * 7 * 1.001 / 2 / 4, within(1e-4));
        assertThat((double) gradient[1]).isCloseTo(4 * 1.001 / 2 / 2, within(1e-4));
    }
}
