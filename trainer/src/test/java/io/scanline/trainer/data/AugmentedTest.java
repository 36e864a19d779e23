package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AugmentedTest {
    private static final int EDGE = 5;
    private static final ImageSet IMAGES = images();

    /** One bright pixel, at row 2 and column 1. */
    private static ImageSet images() {
        byte[] values = new byte[EDGE * EDGE * 2];
        values[2 * EDGE + 1] = 100;
        values[EDGE * EDGE] = 50; // of the second image: a corner
        return new ImageSet(values, new int[2], EDGE, EDGE, 1, 256, List.of("x"));
    }

    private static int place(int shift, boolean flip, int step) {
        byte[] image = new Augmented(new Quantiser(256), new Augmentation(shift, flip, null), 1)
                .at(step, IMAGES, new int[] {0})
                .image(0);
        int[] bright = IntStream.range(0, image.length).filter(i -> image[i] == 100).toArray();
        assertThat(bright).hasSize(1);
        return bright[0];
    }

    private static Set<Integer> places(int shift, boolean flip) {
        Set<Integer> places = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            places.add(place(shift, flip, step));
        }
        return places;
    }

    @Test
    void imagesMoveAndAreMirrored() {
        assertThat(places(0, false)).containsExactly(2 * EDGE + 1);
        assertThat(places(0, true)).containsExactlyInAnyOrder(2 * EDGE + 1, 2 * EDGE + 3);
        assertThat(places(1, false)).containsExactlyInAnyOrder(5, 6, 7, 10, 11, 12, 15, 16, 17);
    }

    @Test
    void whatComesInRepeatsTheEdge() {
        Set<Integer> sums = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            int sum = 0;
            for (byte value : new Augmented(new Quantiser(256), new Augmentation(1, false, null), 1)
                    .at(step, IMAGES, new int[] {1})
                    .values()) {
                sum += value;
            }
            sums.add(sum);
        }
        assertThat(sums).containsExactlyInAnyOrder(0, 50, 100, 200); // outside, once, in a row, and in both directions
    }

    @Test
    void stepAndImageDecideAndFixedImagesStay() {
        Augmented augmented = new Augmented(new Quantiser(256), new Augmentation(1, true, null), 1);
        assertThat(augmented.at(3, IMAGES, new int[] {1, 0}).image(1))
                .isEqualTo(augmented.at(3, IMAGES, new int[] {0}).image(0));
        assertThat(augmented.fixed(IMAGES).values()).isEqualTo(IMAGES.values());
        assertThat(IMAGES.values()).isEqualTo(images().values());
        assertThat(augmented.protocol()).isEqualTo(new Quantiser(256).protocol());
        assertThat(augmented.levels()).isEqualTo(256);
    }

    /** A white bar on black, transparent elsewhere: 9 x 9 RGBA. */
    private static ImageSet bar() {
        byte[] values = new byte[9 * 9 * 4];
        for (int y = 1; y < 8; y++) {
            for (int channel = 0; channel < 4; channel++) {
                values[(y * 9 + 4) * 4 + channel] = (byte) 255;
            }
        }
        return new ImageSet(values, new int[1], 9, 9, 4, 256, List.of("x"));
    }

    private static int at(ImageSet images, int x, int y, int channel) {
        return images.values()[(y * 9 + x) * 4 + channel] & 255;
    }

    @Test
    void quarterTurnLaysTheBarDownAndKeepsItsColour() {
        ImageSet image = bar();
        new Placement(9, 9, 0, 0, false, Math.PI / 2, 1, 1).apply(image, 0);
        for (int along = 1; along < 8; along++) {
            assertThat(at(image, along, 4, 3)).isEqualTo(255);
            assertThat(at(image, along, 4, 0)).isEqualTo(255);
        }
        assertThat(at(image, 4, 2, 3)).isZero();
    }

    @Test
    void edgesBetweenShownAndTransparentKeepTheirColour() {
        ImageSet image = bar();
        new Placement(9, 9, 0, 0, false, Math.PI / 4, 1.3, 1.3).apply(image, 0);
        int halfShown = 0;
        for (int y = 0; y < 9; y++) {
            for (int x = 0; x < 9; x++) {
                if (at(image, x, y, 3) > 10) {
                    assertThat(at(image, x, y, 1)).isGreaterThan(250); // transparent black is not mixed in
                    halfShown += at(image, x, y, 3) < 245 ? 1 : 0;
                }
            }
        }
        assertThat(halfShown).isPositive();
    }

    @Test
    void zoomMakesTheBarLongerAndMovesMoveIt() {
        ImageSet image = bar();
        new Placement(9, 9, 0, 2, false, 0, 2, 2).apply(image, 0);
        assertThat(at(image, 6, 0, 3)).isEqualTo(255);
        assertThat(at(image, 6, 8, 3)).isEqualTo(255);
        assertThat(at(image, 4, 4, 3)).isZero();
    }

    @Test
    void coloursChangeWithinTheirRangeAndAlphaStays() {
        Augmentation colourful = new Augmentation(0, false, distortion(0, 0, 1, 0));
        Augmented augmented = new Augmented(new Quantiser(256), colourful, 1);
        Set<Integer> greens = new HashSet<>();
        for (int step = 0; step < 50; step++) {
            ImageSet image = augmented.at(step, bar(), new int[] {0});
            greens.add(at(image, 4, 4, 1));
            for (int y = 0; y < 9; y++) {
                for (int x = 0; x < 9; x++) {
                    assertThat(at(image, x, y, 3)).isEqualTo(at(bar(), x, y, 3));
                }
            }
        }
        assertThat(greens).hasSizeGreaterThan(10);
    }

    @Test
    void imagesAreLaidOverOthersOfTheirClassAndOfNoOther() {
        byte[] values = new byte[12];
        values[3] = (byte) 200; // black, of the first class
        values[4] = (byte) 250; // red, of the first class
        values[7] = (byte) 200;
        values[9] = (byte) 250; // green, of the second
        values[11] = (byte) 200;
        ImageSet images = new ImageSet(values, new int[] {0, 0, 1}, 1, 1, 4, 256, List.of("a", "b"));
        Augmented augmented =
                new Augmented(new Quantiser(256), new Augmentation(0, false, distortion(0, 0, 0, 0.5)), 1);
        Set<Integer> reds = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            byte[] drawn = augmented.at(step, images, new int[] {0, 2}).values();
            reds.add(drawn[0] & 255);
            assertThat(drawn[1]).isZero(); // nobody gets the green
            assertThat(drawn[3] & 255).isEqualTo(200);
            assertThat(drawn).endsWith(0, (byte) 250, 0, (byte) 200); // which lies over itself only
        }
        assertThat(reds).contains(0).hasSizeGreaterThan(20);
        assertThat(reds).anyMatch(red -> red < 60 && red > 0).anyMatch(red -> red > 190);
    }

    @Test
    void whatIsTransparentLendsNoColourWhenLaidOver() {
        byte[] values = {90, 90, 90, 0, (byte) 250, 10, 10, (byte) 200};
        ImageSet images = new ImageSet(values, new int[2], 1, 1, 4, 256, List.of("a"));
        Augmented augmented =
                new Augmented(new Quantiser(256), new Augmentation(0, false, distortion(0, 0, 0, 1)), 1);
        for (int step = 0; step < 50; step++) {
            byte[] drawn = augmented.at(step, images, new int[] {1}).values();
            assertThat(drawn[0] & 255).isBetween(249, 250);
        }
    }

    @Test
    void stretchingMakesTheBarWiderAndNoTaller() {
        ImageSet image = bar();
        new Placement(9, 9, 0, 0, false, 0, 3, 1).apply(image, 0);
        for (int x = 3; x < 6; x++) {
            assertThat(at(image, x, 4, 3)).isGreaterThan(80);
            assertThat(at(image, x, 0, 3)).isZero();
        }
    }

    private static Distortion distortion(double turn, double zoom, double colour, double blend) {
        return new Distortion(turn, zoom, colour, blend, null, null, null, null);
    }

    private static Augmented augmented(double stretch, double recolour, double hide) {
        return new Augmented(
                new Quantiser(256),
                new Augmentation(0, false, new Distortion(0, 0, 0, 0, stretch, recolour, hide, null)),
                1);
    }

    @Test
    void stretchingIsDrawnForEveryImageAndStep() {
        Set<Integer> beside = new HashSet<>();
        for (int step = 0; step < 50; step++) {
            beside.add(at(augmented(0.5, 0, 0).at(step, bar(), new int[] {0}), 5, 4, 3));
        }
        assertThat(beside).hasSizeGreaterThan(5);
    }

    @Test
    void someImagesStayAsSharpAsTheyWere() {
        Distortion half = new Distortion(30, 0.3, 0, 0, 0.3, 0.0, 0.0, 0.5);
        Augmented augmented = new Augmented(new Quantiser(256), new Augmentation(0, false, half), 1);
        int sharp = 0;
        for (int step = 0; step < 200; step++) {
            sharp += Arrays.equals(augmented.at(step, bar(), new int[] {0}).values(), bar().values()) ? 1 : 0;
        }
        assertThat(sharp).isBetween(70, 130);
    }

    @Test
    void coloursAreMixedAndGreysAndAlphaStay() {
        byte[] values = {(byte) 200, 0, 0, (byte) 130, 90, 90, 90, (byte) 255};
        ImageSet images = new ImageSet(values, new int[1], 2, 1, 4, 256, List.of("a"));
        Set<Integer> reds = new HashSet<>();
        Set<Integer> greens = new HashSet<>();
        for (int step = 0; step < 200; step++) {
            byte[] drawn = augmented(0, 0.5, 0).at(step, images, new int[] {0}).values();
            reds.add(drawn[0] & 255);
            greens.add(drawn[1] & 255);
            assertThat(drawn[3] & 255).isEqualTo(130);
            assertThat(drawn).endsWith(90, 90, 90, (byte) 255);
        }
        assertThat(reds).contains(200).hasSizeGreaterThan(20); // half of the images stay as they are
        assertThat(greens).contains(0).hasSizeGreaterThan(20).anyMatch(green -> green > 100);
    }

    @Test
    void greyImagesAreNotRecoloured() {
        assertThat(augmented(0, 1, 0).at(1, IMAGES, new int[] {0}).values()).isEqualTo(IMAGES.image(0));
    }

    @Test
    void oneRectangleIsHiddenBehindOneColour() {
        ImageSet images = new ImageSet(new byte[16 * 16], new int[1], 16, 16, 1, 256, List.of("a"));
        Set<Integer> sizes = new HashSet<>();
        for (int step = 0; step < 300; step++) {
            byte[] drawn = augmented(0, 0, 0.5).at(step, images, new int[] {0}).values();
            int[] hidden = IntStream.range(0, drawn.length).filter(i -> drawn[i] != 0).toArray();
            sizes.add(hidden.length);
            if (hidden.length > 0) {
                int width = hidden[hidden.length - 1] % 16 - hidden[0] % 16 + 1;
                int height = hidden[hidden.length - 1] / 16 - hidden[0] / 16 + 1;
                assertThat(hidden).hasSize(width * height);
                assertThat(width).isBetween(1, 8);
                assertThat(height).isBetween(1, 8);
                assertThat(IntStream.of(hidden).map(i -> drawn[i]).distinct().count()).isOne();
            }
        }
        assertThat(sizes).contains(0).hasSizeGreaterThan(10);
    }

    @Test
    void distortionsOutOfRangeAreNotInRange() {
        assertThat(new Augmentation(0, false, distortion(45, 0.5, 1, 1)).inRange()).isTrue();
        assertThat(new Augmentation(0, false, distortion(46, 0, 0, 0)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, distortion(0, -0.1, 0, 0)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, distortion(0, 0, Double.NaN, 0)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, distortion(0, 0, 0, 1.1)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, new Distortion(0, 0, 0, 0, 0.6, null, null, null)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, new Distortion(0, 0, 0, 0, null, 1.1, null, null)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, new Distortion(0, 0, 0, 0, null, null, -0.1, null)).inRange()).isFalse();
        assertThat(new Augmentation(0, false, new Distortion(0, 0, 0, 0, null, null, null, 2.0)).inRange()).isFalse();
        assertThat(new Augmentation(-1, false, null).inRange()).isFalse();
    }
}
