package io.scanline.trainer.ops;

import static org.assertj.core.api.Assertions.assertThat;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SkewTest {
    private final TorchShapes shapes = new TorchShapes();

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void diagonalsBecomeColumns() {
        Tensor image = torch.arange(new Scalar(1), new Scalar(7)).to(torch.ScalarType.Float).reshape(1, 2, 3, 1);
        assertThat(TorchNumbers.of(new Skew(2, 3).apply(shapes, image)))
                .containsExactly(
                        1, 2, 3, 0,
                        0, 4, 5, 6);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,5", "5,1", "3,4", "4,3"})
    void undoGivesTheImageBack(int rows, int columns) {
        Tensor image = TorchNumbers.normal(1, 2, rows, columns, 3);
        Skew skew = new Skew(rows, columns);
        Tensor skewed = skew.apply(shapes, image);
        assertThat(skewed.shape()).containsExactly(2, rows, skew.diagonals(), 3);
        assertThat(TorchNumbers.of(skew.undo(shapes, skewed))).isEqualTo(TorchNumbers.of(image));
    }
}
