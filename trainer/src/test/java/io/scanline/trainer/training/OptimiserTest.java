package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.TorchNumbers;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The optimiser against the equations of AdamW (Loshchilov and Hutter 2019, algorithm 2), computed in double precision. */
class OptimiserTest {
    private static final double RATE = 0.01;
    private static final double EPSILON = 1e-8;
    /** Different enough that exchanging the moments, or a gradient that stops, shows. */
    private static final double[] GRADIENTS = {0.5, -0.2, 0.1, 0, 0, 0, 0.3};

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void decayedParameterMovesByTheEquations() {
        check(true, 0.1);
    }

    @Test
    void otherParametersDoNotDecay() {
        check(false, 0);
    }

    private static void check(boolean decay, double weightDecay) {
        Parameters parameters = parameters(decay);
        Optimiser optimiser = new Optimiser(parameters, training(1e9));
        double x = 1;
        double first = 0;
        double second = 0;
        for (int t = 0; t < GRADIENTS.length; t++) {
            double gradient = GRADIENTS[t];
            gradient(parameters, gradient);
            optimiser.step(RATE);
            first = 0.9 * first + 0.1 * gradient;
            second = 0.98 * second + 0.02 * gradient * gradient;
            double corrected = first / (1 - Math.pow(0.9, t + 1));
            double scale = Math.sqrt(second / (1 - Math.pow(0.98, t + 1))) + EPSILON;
            x -= RATE * (corrected / scale + weightDecay * x);
            assertThat(value(parameters)).as("after step %d", t).isCloseTo((float) x, within(1e-6f));
        }
    }

    @Test
    void largeGradientIsClippedAndItsNormTold() {
        Parameters clipped = parameters(false);
        Parameters small = parameters(false);
        gradient(clipped, 30);
        gradient(small, 3);
        assertThat(new Optimiser(clipped, training(3)).step(RATE)).isCloseTo(30, within(1e-4));
        assertThat(new Optimiser(small, training(3)).step(RATE)).isCloseTo(3, within(1e-4));
        assertClose(
                TorchNumbers.of(clipped.tensors().get("x").grad()), TorchNumbers.of(small.tensors().get("x").grad()));
    }

    @Test
    void recipeAndNotTheCheckpointDecidesTheBetas(@TempDir Path directory) {
        Path file = directory.resolve("optimiser.pt");
        Parameters before = parameters(false);
        Parameters after = parameters(false);
        try (PointerScope scope = new PointerScope()) {
            Optimiser other = new Optimiser(before, training(1e9, 0.5, 0.7));
            gradient(before, 1);
            other.step(RATE);
            OutputArchive written = new OutputArchive();
            other.save(written);
            written.save_to(file.toString());

            Optimiser resumed = new Optimiser(after, training(1e9));
            InputArchive read = new InputArchive();
            read.load_from(file.toString());
            resumed.load(read);
            gradient(after, 0);
            resumed.step(RATE);
        }
        double first = 0.9 * 0.5 / (1 - 0.9 * 0.9); // moments of the first step, decayed once by the recipe's betas
        double second = 0.98 * 0.3 / (1 - 0.98 * 0.98);
        assertThat(value(after)).isCloseTo((float) (1 - RATE * first / Math.sqrt(second)), within(1e-6f));
    }

    private static Parameters parameters(boolean decay) {
        return Parameters.initial(
                        List.of(
                                new ParameterSpec("x", new long[] {1}, ParameterSpec.Initial.CONSTANT, 1, decay),
                                // Both groups of the optimiser need a parameter.
                                new ParameterSpec("y", new long[] {1}, ParameterSpec.Initial.CONSTANT, 1, !decay)),
                        1)
                .withGradients();
    }

    private static void gradient(Parameters parameters, double value) {
        parameters.tensors().get("x").mutable_grad().put(torch.full(new long[] {1}, new Scalar((float) value)));
        parameters.tensors().get("y").mutable_grad().put(torch.zeros(1));
    }

    private static float value(Parameters parameters) {
        Tensor x = parameters.tensors().get("x");
        return x.item_float();
    }

    private static Recipe.Training training(double clip) {
        return training(clip, 0.9, 0.98);
    }

    private static Recipe.Training training(double clip, double first, double second) {
        return new Recipe.Training(1, 100, 16, 1, RATE, RATE, 0, List.of(first, second), 0.1, clip, 0.9, 10, 0);
    }
}
