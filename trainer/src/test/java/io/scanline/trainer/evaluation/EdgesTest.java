package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EdgesTest {
    @Test
    void blurLeavesContrastAndTakesEnergy() {
        Edges sharp = Edges.of(new float[] {9, 0, 0, 1, 1}, 1, 1, 1, 4); // the first value is of another image
        Edges blurred = Edges.of(new float[] {0, 0.25f, 0.75f, 1}, 0, 1, 1, 4);
        assertThat(sharp).isEqualTo(new Edges(1, 1));
        assertThat(blurred.absolute()).isCloseTo(1, within(1e-9));
        assertThat(blurred.energy()).isCloseTo(0.0625 + 0.25 + 0.0625, within(1e-9));
    }

    @Test
    void neighboursAreBesideAndAboveInTheSamePlane() {
        Edges edges = Edges.of(new float[] {0, 1, 3, 7, 100, 100, 100, 100}, 0, 2, 2, 2);
        assertThat(edges.absolute()).isEqualTo(1 + 4 + 3 + 6);
        assertThat(edges.energy()).isEqualTo(1 + 16 + 9 + 36);
    }

    @Test
    void hiddenColoursHaveNoEnergy() {
        float[] hidden = {1, 0, 0.5f, 0, 0, 1, 0, 0}; // one row of two pixels: red, green, blue and alpha
        assertThat(Edges.of(hidden, 0, 4, 1, 2).energy()).isZero();
        float[] seen = {1, 0, 0.5f, 0, 0, 1, 0.5f, 0.5f};
        assertThat(Edges.of(seen, 0, 4, 1, 2).energy()).isEqualTo(0.25 + 0.0625 + 0.25);
    }
}
