package io.scanline.trainer.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.ParameterSpec;
import io.scanline.trainer.ops.Recurrence.Sweep;
import io.scanline.trainer.ops.Taps;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.training.Parameters;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ConvolutionalLstmTest {
    private static final int WIDTH = 3;
    private static final int READ = 2 * WIDTH;
    private static final int GATES = 4 * WIDTH;

    private final ConvolutionalLstm lstm = new ConvolutionalLstm(
            "lstm",
            5,
            WIDTH,
            Sweep.TO_THE_RIGHT,
            new Taps.Neighbours(4, List.of(), true),
            List.of(Taps.offset(0, -1), Taps.offset(-1, 0)),
            Taps.offset(0, -1));

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void stepIsEquation3() {
        Parameters parameters = parameters();
        Tensor input = TorchNumbers.normal(1, 1, 1, GATES);
        Tensor hidden = TorchNumbers.normal(2, 1, 1, READ);
        Tensor cell = TorchNumbers.normal(3, 1, 1, WIDTH);
        List<Tensor> handedOn = lstm.step(new TorchOps(parameters.tensors()), input, List.of(hidden, cell));

        double[] gates = new double[GATES];
        float[] weight = parameters.values().get("lstm.state.weight").values();
        for (int gate = 0; gate < GATES; gate++) {
            gates[gate] = TorchNumbers.of(input)[gate];
            for (int i = 0; i < READ; i++) {
                gates[gate] += TorchNumbers.of(hidden)[i] * weight[i * GATES + gate];
            }
        }
        for (int i = 0; i < WIDTH; i++) {
            double kept = logistic(gates[WIDTH + i]) * TorchNumbers.of(cell)[i];
            double now = kept + logistic(gates[2 * WIDTH + i]) * Math.tanh(gates[3 * WIDTH + i]);
            double output = logistic(gates[i]) * Math.tanh(now);
            assertThat((double) TorchNumbers.of(handedOn.get(0))[i]).isCloseTo(output, within(1e-5));
            assertThat((double) TorchNumbers.of(handedOn.get(1))[i]).isCloseTo(now, within(1e-5));
        }
    }

    @Test
    void zerosBegetZeros() {
        List<Tensor> handedOn = lstm.step(
                new TorchOps(parameters().tensors()),
                torch.zeros(2, 4, GATES),
                List.of(torch.zeros(2, 4, READ), torch.zeros(2, 4, WIDTH)));
        handedOn.forEach(vector -> assertThat(TorchNumbers.of(vector)).containsOnly(0));
    }

    private Parameters parameters() {
        List<ParameterSpec> random = lstm.parameters().stream()
                .map(spec -> ParameterSpec.normal(spec.name(), 0.5, true, spec.shape()))
                .toList();
        return Parameters.initial(random, 1);
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
