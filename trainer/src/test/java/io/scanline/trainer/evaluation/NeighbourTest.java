package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class NeighbourTest {
    @Test
    void nearestTenAreTwoBesideFiveAboveAndThreeInTheRowOverThose() {
        assertThat(Neighbour.nearest(10)).extracting(Neighbour::name).containsExactly(
                "W", "N", "NW", "NE", "WW", "NN", "NWW", "NEE", "NNW", "NNE");
    }

    @Test
    void nearestSixteenReachThreePixelsInEveryCausalDirection() {
        assertThat(Neighbour.nearest(16)).extracting(Neighbour::name).endsWith(
                "NNWW", "NNEE", "WWW", "NNN", "NWWW", "NEEE");
    }

    @Property(tries = 60)
    void nearestAreDifferentAndNoneLeftOutIsNearer(@ForAll @IntRange(min = 1, max = 60) int count) {
        List<Neighbour> nearest = Neighbour.nearest(count);

        assertThat(nearest).hasSize(count).doesNotHaveDuplicates();
        assertThat(Neighbour.nearest(count + 12)).startsWith(nearest.toArray(Neighbour[]::new));
        assertThat(nearest).extracting(n -> n.rows() * n.rows() + n.columns() * n.columns()).isSorted();
    }

    @Test
    void pixelsThatAreNotDecidedYetAreRefused() {
        assertThatThrownBy(() -> new Neighbour(0, 0)).hasMessageContaining("not decided yet");
        assertThatThrownBy(() -> new Neighbour(0, 1)).hasMessageContaining("not decided yet");
        assertThatThrownBy(() -> new Neighbour(1, -1)).hasMessageContaining("not decided yet");
    }
}
