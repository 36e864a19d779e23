package io.scanline.trainer.ops;

import static io.scanline.trainer.ops.TorchNumbers.normal;
import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PrecisionTest {
    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void productsAreBf16OnlyInsideTheScope() {
        Tensor a = normal(1, 4, 4);
        try (Precision.Scope scope = Precision.BF16.enter()) {
            assertThat(torch.matmul(a, a).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
            try (Precision.Scope inner = Precision.FP32.enter()) {
                assertThat(torch.matmul(a, a).scalar_type().intern()).isEqualTo(ScalarType.Float);
            }
            assertThat(torch.matmul(a, a).scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
        }
        assertThat(torch.matmul(a, a).scalar_type().intern()).isEqualTo(ScalarType.Float);
    }

    @Test
    void raceIsRunOnceAndLeavesSinglePrecisionBehind() {
        Precision first = Precision.best();
        long start = System.nanoTime();
        assertThat(Precision.best()).isEqualTo(first);
        assertThat(System.nanoTime() - start).isLessThan(5_000_000);
        Tensor a = normal(1, 4, 4);
        assertThat(torch.matmul(a, a).scalar_type().intern()).isEqualTo(ScalarType.Float);
    }
}
