package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class JudgedImagesTest {
    /** Of two captions two images each, and three texts, as unit vectors by their angles. */
    private static final JudgedImages JUDGED =
            new JudgedImages(vectors(0, 0.3, 1.5, 2.0), 2, vectors(0.1, 1.6, 0.5), 2);

    private static final int[] OWN = {0, 1};

    private static float[] vectors(double... angles) {
        float[] numbers = new float[2 * angles.length];
        for (int i = 0; i < angles.length; i++) {
            numbers[2 * i] = (float) Math.cos(angles[i]);
            numbers[2 * i + 1] = (float) Math.sin(angles[i]);
        }
        return numbers;
    }

    @Test
    void scoreIsTheMeanCosineOfACaptionsImages() {
        assertThat(JUDGED.score(OWN).numbers()).containsExactly(
                new double[] {50 * (Math.cos(0.1) + Math.cos(0.2)), 50 * (Math.cos(0.1) + Math.cos(0.4))}, within(1e-4));
        assertThat(JUDGED.score(1, 0).numbers()[0]).isLessThan(JUDGED.score(OWN).numbers()[0]);
    }

    @Test
    void bestIsTheImageThatIsNearestToItsCaption() {
        JudgedImages best = JUDGED.best(OWN);
        assertThat(best.each()).isEqualTo(1);
        assertThat(best.images()).containsExactly(vectors(0, 1.5));
        assertThat(best.score(OWN).mean()).isGreaterThan(JUDGED.score(OWN).mean());
    }

    @Test
    void imageIsRightWhenNoWrongTextIsAsNear() {
        assertThat(JUDGED.right(OWN, new int[][] {{1}, {0}})).isEqualTo(100);
        assertThat(JUDGED.right(OWN, new int[][] {{0}, {0}})).as("a text is not nearer than itself").isEqualTo(50);
        assertThat(JUDGED.right(OWN, new int[][] {{}, {}})).isEqualTo(100);
        assertThat(JUDGED.right(OWN, new int[][] {{2}, {2}})).as("0.3 lies between 0.1 and 0.5").isBetween(75.0, 100.0);
    }
}
