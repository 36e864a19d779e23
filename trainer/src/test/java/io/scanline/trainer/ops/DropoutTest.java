package io.scanline.trainer.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final TorchOps PLAIN = new TorchOps(Map.of());

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static float[] dropped(double share, long seed, long... shape) {
        return TorchNumbers.of(PLAIN.dropping(share, seed).dropout(torch.ones(shape)));
    }

    @Test
    void asManyAreLeftOutAsAskedForAndTheMeanIsKept() {
        float[] numbers = dropped(0.25, 1, 50, 40, 10);
        double sum = 0;
        int left = 0;
        for (float number : numbers) {
            assertThat(number == 0 || number == (float) (1 / 0.75)).isTrue();
            left += number == 0 ? 1 : 0;
            sum += number;
        }
        assertThat(left / 20_000.0).isCloseTo(0.25, within(0.015)); // five standard errors
        assertThat(sum / 20_000).isCloseTo(1, within(0.02));
    }

    @Test
    void seedDecidesAndEveryOperationDrawsAnew() {
        assertThat(dropped(0.5, 3, 7, 9)).isEqualTo(dropped(0.5, 3, 7, 9)).isNotEqualTo(dropped(0.5, 4, 7, 9));
        TorchOps ops = PLAIN.dropping(0.5, 3);
        float[] first = TorchNumbers.of(ops.dropout(torch.ones(7, 9)));
        assertThat(TorchNumbers.of(ops.dropout(torch.ones(7, 9)))).isNotEqualTo(first);
    }

    @Test
    void gradientIsThatOfWhatWasKept() {
        Tensor x = torch.ones(6, 5).set_requires_grad(true);
        Tensor y = PLAIN.dropping(0.4, 2).dropout(x);
        y.sum().backward();
        assertThat(TorchNumbers.of(x.grad())).isEqualTo(TorchNumbers.of(y.detach()));
    }

    @Test
    void nothingIsLeftOutUnlessATrainingAsksForIt() {
        Tensor x = TorchNumbers.normal(1, 3, 4);
        assertThat(PLAIN.dropout(x)).isSameAs(x);
        assertThat(PLAIN.dropping(0, 1)).isSameAs(PLAIN);
        assertThat(new OnnxOps(new OnnxGraph("test"), Map.of(), new Unordered()).dropout("x")).isEqualTo("x");
        assertThatThrownBy(() -> PLAIN.dropping(1, 1)).hasMessageContaining("dropout of 1.0");
    }
}
