package io.scanline.trainer.evaluation;

import static io.scanline.trainer.evaluation.Neighbour.N;
import static io.scanline.trainer.evaluation.Neighbour.NE;
import static io.scanline.trainer.evaluation.Neighbour.NW;
import static io.scanline.trainer.evaluation.Neighbour.W;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.trainer.data.Binariser;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CountTableTest {
    /** One image of two rows and three columns: 1 0 1 / 1 1 0. */
    private static final ImageSet TINY = images(3, 2, 1, 2, 1, 0, 1, 1, 1, 0);

    @Test
    void tinyTableOfTheLeftNeighbourEqualsTheOneCountedByHand() {
        // Left neighbour, outside as 0 -> value: 0->1, 1->0, 0->1; 0->1, 1->1, 1->0.
        CountTable table = CountTable.fit(TINY, List.of(W), 0.5);

        assertThat(table.probability(new int[] {0}, 0)).isEqualTo(0.5 / 4);
        assertThat(table.probability(new int[] {0}, 1)).isEqualTo(3.5 / 4);
        assertThat(table.probability(new int[] {1}, 0)).isEqualTo(2.5 / 4);
        assertThat(table.probability(new int[] {1}, 1)).isEqualTo(1.5 / 4);

        // 0 0 0 / 1 1 1: 0->0, 0->0, 0->0; 0->1, 1->1, 1->1.
        double nats = -(3 * Math.log(0.125) + Math.log(0.875) + 2 * Math.log(0.375));
        Likelihood likelihood = table.evaluate(images(3, 2, 1, 2, 0, 0, 0, 1, 1, 1));
        assertThat(likelihood.nats()).isCloseTo(nats, within(1e-12));
        assertThat(likelihood.bitsPerDim()).isCloseTo(nats / Math.log(2) / 6, within(1e-12));
    }

    @Test
    void everyNeighbourIsReadFromItsPlace() {
        // 0 1 2 / 3 4 5: the neighbours of 4 are W 3, N 1, NW 0, NE 2; NE of 5 and W of 3 lie outside and count as 0.
        CountTable table = CountTable.fit(images(3, 2, 1, 6, 0, 1, 2, 3, 4, 5), List.of(W, N, NW, NE), 1e-9);

        assertThat(table.probability(new int[] {3, 1, 0, 2}, 4)).isCloseTo(1, within(1e-6));
        assertThat(table.probability(new int[] {4, 2, 1, 0}, 5)).isCloseTo(1, within(1e-6));
        assertThat(table.probability(new int[] {0, 0, 0, 1}, 3)).isCloseTo(1, within(1e-6));
        // 0 and 1 of the first row both have nothing but zeros before them, 2 does not.
        assertThat(table.probability(new int[] {0, 0, 0, 0}, 0)).isCloseTo(0.5, within(1e-6));
        assertThat(table.probability(new int[] {0, 0, 0, 0}, 1)).isCloseTo(0.5, within(1e-6));
        assertThat(table.probability(new int[] {1, 0, 0, 0}, 2)).isCloseTo(1, within(1e-6));
    }

    @Test
    void channelsLookAtNeighboursOfTheirOwn() {
        // One row of two pixels of two channels: (0, 1) (2, 3).
        CountTable table = CountTable.fit(images(2, 1, 2, 4, 0, 1, 2, 3), List.of(W), 1e-9);

        assertThat(table.probability(new int[] {0}, 2)).isCloseTo(1.0 / 3, within(1e-6));
        assertThat(table.probability(new int[] {1}, 3)).isCloseTo(1, within(1e-6));
    }

    @Property(tries = 100)
    void probabilitiesOfEveryContextSumToOne(
            @ForAll @IntRange(min = 2, max = 5) int levels,
            @ForAll @Size(12) byte[] bytes,
            @ForAll @IntRange(max = 4) int neighbours,
            @ForAll @IntRange(min = 1, max = 30) int tenthsOfAlpha) {
        int[] values = new int[bytes.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.floorMod(bytes[i], levels);
        }
        List<Neighbour> template = Neighbour.nearest(neighbours);
        CountTable table = CountTable.fit(images(3, 2, 1, levels, values), template, tenthsOfAlpha / 10.0);

        int[] context = new int[neighbours];
        do {
            double sum = 0;
            for (int level = 0; level < levels; level++) {
                double probability = table.probability(context, level);
                assertThat(probability).isGreaterThan(0);
                sum += probability;
            }
            assertThat(sum).isCloseTo(1, within(1e-12));
        } while (next(context, levels));
    }

    @Property(tries = 30)
    void likelihoodOfAllBinaryImagesOfFourPixelsSumsToOne(
            @ForAll @IntRange(max = 20) int neighbours, @ForAll long seed) {
        ImageSet training = new Quantiser(2).quantise(new SyntheticShapes(4, 4).draw(9, seed));
        CountTable table = CountTable.fit(
                training, Neighbour.nearest(neighbours), CountTable.DEFAULT_ALPHA);

        double sum = 0;
        for (int bits = 0; bits < 16; bits++) {
            ImageSet image = images(2, 2, 1, 2, bits & 1, bits >> 1 & 1, bits >> 2 & 1, bits >> 3);
            sum += Math.exp(-table.evaluate(image).nats());
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
    }

    @Test
    void moreNeighboursPredictShapesBetter() {
        Quantiser quantiser = new Quantiser(4);
        SyntheticShapes shapes = new SyntheticShapes(8, 8);
        List<CountedFloor> floors =
                CountedFloor.all(quantiser.quantise(shapes.draw(3000, 1)), quantiser.quantise(shapes.draw(300, 2)));

        assertThat(floors).extracting(CountedFloor::name).containsExactly(
                "counted, no neighbour", "counted W", "counted W+N", "counted W+N+NW", "counted W+N+NW+NE");
        for (int i = 1; i < floors.size(); i++) {
            assertThat(floors.get(i).likelihood().bitsPerDim()).isLessThan(floors.get(i - 1).likelihood().bitsPerDim());
        }
        assertThat(floors.get(4).likelihood().images()).isEqualTo(300);
    }

    @Test
    void binaryImagesAreAlsoHeldAgainstTenSixteenAndTwentyNeighbours() {
        SyntheticShapes shapes = new SyntheticShapes(12, 12);
        TrainTest images = new Binariser(1).fixed(new TrainTest(shapes.draw(2000, 1), shapes.draw(200, 2)));
        List<CountedFloor> floors = CountedFloor.all(images.training(), images.test());

        assertThat(floors).extracting(CountedFloor::name).containsExactlyInAnyOrder(
                "counted, no neighbour", "counted W", "counted W+N", "counted W+N+NW", "counted W+N+NW+NE",
                "counted, 10 nearest neighbours", "counted, 16 nearest neighbours", "counted, 20 nearest neighbours");
        assertThat(floors).extracting(floor -> -floor.likelihood().nats()).isSorted();
        CountedFloor lowest = CountedFloor.lowest(images.training(), images.test());
        assertThat(lowest).isEqualTo(floors.get(7));
        assertThat(lowest.template()).hasSizeGreaterThan(4);
    }

    @Test
    void moreNeighboursThanTheTrainingImagesFillAreNoLowerFloor() {
        SyntheticShapes shapes = new SyntheticShapes(8, 8);
        TrainTest images = new Binariser(1).fixed(new TrainTest(shapes.draw(20, 1), shapes.draw(200, 2)));

        assertThat(CountedFloor.lowest(images.training(), images.test()).template()).hasSizeLessThan(20);
    }

    @Test
    void tableThatWouldNotFitIsRefused() {
        ImageSet fine = images(1, 1, 1, 256, 200);

        assertThatThrownBy(() -> CountTable.fit(fine, Neighbour.nearest(4), 0.4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 levels and 4 neighbours is too large");
    }

    @Test
    void imagesOfOtherLevelsAndMissingSmoothingAreRefused() {
        CountTable table = CountTable.fit(TINY, List.of(W), 0.4);

        assertThatThrownBy(() -> table.evaluate(images(1, 1, 1, 3, 0))).hasMessageContaining("2 levels, the images 3");
        assertThatThrownBy(() -> CountTable.fit(TINY, List.of(W), 0)).hasMessageContaining("above 0");
    }

    private static boolean next(int[] context, int levels) {
        for (int i = 0; i < context.length; i++) {
            if (++context[i] < levels) {
                return true;
            }
            context[i] = 0;
        }
        return false;
    }

    static ImageSet images(int width, int height, int channels, int levels, int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        int count = values.length / (width * height * channels);
        return new ImageSet(bytes, new int[count], width, height, channels, levels, List.of("only"));
    }
}
