package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LatentPathTest {
    private static final float[] EAST = {2, 0};
    private static final float[] NORTH = {0, 2};

    @ParameterizedTest
    @EnumSource
    void pathsBeginAndEndAtTheirEnds(LatentPath path) {
        float[] from = {0.1f, -3, 7.25f};
        float[] to = {-2, 0.3f, 1e-3f};
        assertThat(path.at(from, to, 0)).containsExactly(from);
        assertThat(path.at(from, to, 1)).containsExactly(to);
    }

    @Test
    void linearIsTheStraightLine() {
        assertThat(LatentPath.LINEAR.at(EAST, NORTH, 0.25)).containsExactly(1.5f, 0.5f);
    }

    @Test
    void sphericalKeepsTheLengthAndTurnsEvenly() {
        float[] third = LatentPath.SPHERICAL.at(EAST, NORTH, 1 / 3.0);
        assertThat(third[0]).isCloseTo((float) (2 * Math.cos(Math.PI / 6)), within(1e-6f));
        assertThat(third[1]).isCloseTo((float) (2 * Math.sin(Math.PI / 6)), within(1e-6f));
    }

    @Test
    void sphericalIsLinearWhereThereIsNoAngle() {
        assertThat(LatentPath.SPHERICAL.at(EAST, new float[] {6, 0}, 0.5)).containsExactly(4, 0);
        assertThat(LatentPath.SPHERICAL.at(EAST, new float[] {-2, 0}, 0.25)).containsExactly(1, 0);
        assertThat(LatentPath.SPHERICAL.at(new float[2], NORTH, 0.5)).containsExactly(0, 1);
    }
}
