package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchNumbers;
import java.io.IOException;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DataParallelTest {
    private static final int[] BATCH = IntStream.range(0, 16).toArray();

    private ImageSet images;
    private Objective objective;
    private Player player;
    private Parameters initial;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @BeforeEach
    void network() throws IOException {
        images = SmallTraining.smallImages();
        objective = Families.objective(SmallTraining.recipe().network(images));
        player = objective.players().get(0);
        initial = Parameters.initial(objective.network().parameters(), 1);
    }

    @Test
    void numberOfWorkersDoesNotChangeTheGradient() throws IOException, InterruptedException {
        try (DataParallel one = new DataParallel(objective, initial, 1, Peers.NONE);
                DataParallel two = new DataParallel(objective, initial, 2, Peers.NONE);
                DataParallel four = new DataParallel(objective, initial, 4, Peers.NONE)) {
            double loss = one.accumulate(player, 0, images.select(BATCH), Precision.FP32, 0);
            assertThat(two.accumulate(player, 0, images.select(BATCH), Precision.FP32, 0)).isCloseTo(loss, within(1e-5));
            assertThat(four.accumulate(player, 0, images.select(BATCH), Precision.FP32, 0)).isCloseTo(loss, within(1e-5));
            one.weights().tensors().forEach((name, tensor) -> {
                float[] gradient = TorchNumbers.of(tensor.grad());
                assertClose(TorchNumbers.of(two.weights().tensors().get(name).grad()), gradient);
                assertClose(TorchNumbers.of(four.weights().tensors().get(name).grad()), gradient);
            });
        }
    }

    @Test
    void replicasTakeOverTheMovedWeights() throws IOException, InterruptedException {
        try (DataParallel workers = new DataParallel(objective, initial, 2, Peers.NONE)) {
            Optimiser optimiser = new Optimiser(workers.weights(), SmallTraining.recipe().training());
            for (int step = 0; step < 5; step++) {
                workers.accumulate(player, 0, images.select(BATCH), Precision.FP32, 0);
                workers.weights().tensors().forEach((name, tensor) -> assertThat(
                                TorchNumbers.of(workers.weights(1).tensors().get(name)))
                        .as(name)
                        .isEqualTo(TorchNumbers.of(tensor)));
                optimiser.step(1e-2);
            }
            assertThat(TorchNumbers.of(workers.weights().tensors().get("head.weight")))
                    .isNotEqualTo(TorchNumbers.of(initial.tensors().get("head.weight")));
        }
    }

    @Test
    void evaluationDoesNotDependOnTheWorkers() throws IOException, InterruptedException {
        Replica model = new Replica(objective, initial.copy());
        try (DataParallel one = new DataParallel(objective, initial, 1, Peers.NONE);
                DataParallel two = new DataParallel(objective, initial, 2, Peers.NONE)) {
            assertThat(two.evaluate(model, images.first(50)))
                    .isCloseTo(one.evaluate(model, images.first(50)), within(1e-9));
        }
    }

    @Test
    void lossThatIsNoNumberStopsTheTraining() throws IOException, InterruptedException {
        initial.tensors().get("head.bias").fill_(new Scalar(Float.NaN));
        try (DataParallel workers = new DataParallel(objective, initial, 2, Peers.NONE)) {
            assertThatThrownBy(() -> workers.accumulate(player, 0, images.select(BATCH), Precision.FP32, 0))
                    .isInstanceOf(ArithmeticException.class)
                    .hasMessageContaining("learning rate");
        }
    }
}
