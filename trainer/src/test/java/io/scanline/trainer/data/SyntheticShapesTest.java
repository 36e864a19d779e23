package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SyntheticShapesTest {
    @Property(tries = 50)
    void seedDecidesEveryPixel(@ForAll long seed, @ForAll @IntRange(min = 4, max = 12) int width) {
        SyntheticShapes shapes = new SyntheticShapes(width, 8);
        ImageSet images = shapes.draw(9, seed);

        assertThat(shapes.draw(9, seed).values()).isEqualTo(images.values());
        assertThat(shapes.draw(5, seed).values()).isEqualTo(images.first(5).values());
        assertThat(shapes.draw(9, seed + 1).values()).isNotEqualTo(images.values());
    }

    @Property(tries = 200)
    void shapeIsWhatItsClassSays(
            @ForAll long seed,
            @ForAll @IntRange(min = 4, max = 12) int width,
            @ForAll @IntRange(min = 4, max = 12) int height) {
        ImageSet images = new SyntheticShapes(width, height).draw(3, seed);

        assertThat(images.classNames()).containsExactly("horizontal bar", "vertical bar", "square");
        for (int image = 0; image < 3; image++) {
            int rows = brightRows(images.image(image), width, height);
            int columns = brightPixels(images.image(image)) / rows;
            switch (images.className(image)) {
                case "horizontal bar" -> assertThat(new int[] {rows, columns}).containsExactly(1, width);
                case "vertical bar" -> assertThat(new int[] {rows, columns}).containsExactly(height, 1);
                default -> assertThat(rows).isEqualTo(columns).isBetween(2, Math.min(width, height) / 2);
            }
        }
    }

    @Test
    void placesAndBrightnessVary() {
        ImageSet images = new SyntheticShapes(8, 8).draw(60, 1);

        long different = IntStream.range(0, 60)
                .mapToObj(image -> Arrays.toString(images.image(image)))
                .distinct()
                .count();
        assertThat(different).isGreaterThan(50);
    }

    private static int brightPixels(byte[] image) {
        int bright = 0;
        for (byte value : image) {
            bright += (value & 0xFF) >= 128 ? 1 : 0;
        }
        return bright;
    }

    private static int brightRows(byte[] image, int width, int height) {
        int rows = 0;
        for (int row = 0; row < height; row++) {
            rows += brightPixels(Arrays.copyOfRange(image, row * width, (row + 1) * width)) > 0 ? 1 : 0;
        }
        return rows;
    }
}
