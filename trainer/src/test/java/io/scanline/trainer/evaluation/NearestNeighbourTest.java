package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class NearestNeighbourTest {
    @Test
    void distanceIsEuclideanInLevels() {
        ImageSet images = CountTableTest.images(2, 1, 1, 256, 0, 0, 200, 255, 10, 10);

        NearestNeighbour.Match match = new NearestNeighbour(images).find(new byte[] {(byte) 203, (byte) 251});

        assertThat(match).isEqualTo(new NearestNeighbour.Match(1, 5));
    }

    @Test
    void copyIsFoundAtDistanceZeroAndTheFirstOfEqualsWins() {
        ImageSet images = CountTableTest.images(1, 1, 1, 16, 3, 7, 7);

        assertThat(new NearestNeighbour(images).find(new byte[] {7})).isEqualTo(new NearestNeighbour.Match(1, 0));
    }

    @Property(tries = 100)
    void earlyStopFindsWhatAFullSearchFinds(@ForAll @Size(16) byte[] sample, @ForAll long seed) {
        ImageSet images = new SyntheticShapes(4, 4).draw(30, seed);

        NearestNeighbour.Match match = new NearestNeighbour(images).find(sample);

        double nearest = Double.MAX_VALUE;
        for (int image = 0; image < images.size(); image++) {
            nearest = Math.min(nearest, distance(sample, images.image(image)));
        }
        assertThat(match.distance()).isCloseTo(nearest, within(1e-9));
        assertThat(distance(sample, images.image(match.index()))).isCloseTo(nearest, within(1e-9));
    }

    @Test
    void sampleOfAnotherShapeIsRefused() {
        NearestNeighbour search = new NearestNeighbour(new SyntheticShapes(4, 4).draw(1, 1));

        assertThatThrownBy(() -> search.find(new byte[15])).hasMessageContaining("have 16 values, the sample 15");
    }

    private static double distance(byte[] a, byte[] b) {
        double squared = 0;
        for (int i = 0; i < a.length; i++) {
            squared += Math.pow((a[i] & 0xFF) - (b[i] & 0xFF), 2);
        }
        return Math.sqrt(squared);
    }
}
