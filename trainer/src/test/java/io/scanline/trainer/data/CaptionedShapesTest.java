package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CaptionedShapesTest {
    private static final Map<String, Integer> COLOURS = Map.of(
            "red", 0xD62728, "green", 0x2CA02C, "blue", 0x1F4FD8, "yellow", 0xF2C80F, "purple", 0x8E44AD, "black", 0x202020);
    private static final CaptionedImages IMAGES = new CaptionedShapes(32, 2).draw();

    @Test
    void everyDrawingIsWhatBothOfItsTextsSay() {
        for (ImageSet images : List.of(IMAGES.images().training(), IMAGES.images().test())) {
            List<Caption> captions = IMAGES.of(images);
            for (int n = 0; n < images.size(); n++) {
                for (String text : captions.get(n).texts()) {
                    check(images.image(n), text.split(" "));
                }
            }
        }
    }

    /** Where two colours differ, their centres must be as the text says. */
    private static void check(byte[] image, String... words) {
        String other = words[words.length - 2];
        if (words[0].equals(other)) {
            return;
        }
        double[] first = centre(image, COLOURS.get(words[0]));
        double[] second = centre(image, COLOURS.get(other));
        double right = second[0] - first[0];
        double down = second[1] - first[1];
        switch (words[2]) {
            case "left" -> assertThat(right).isGreaterThan(Math.abs(down));
            case "right" -> assertThat(-right).isGreaterThan(Math.abs(down));
            case "above" -> assertThat(down).isGreaterThan(Math.abs(right));
            case "below" -> assertThat(-down).isGreaterThan(Math.abs(right));
            default -> throw new AssertionError(words[2]);
        }
    }

    private static double[] centre(byte[] image, int rgb) {
        int[] pixels = IntStream.range(0, 32 * 32)
                .filter(pixel -> (image[pixel * 3] & 0xFF) << 16 == (rgb & 0xFF0000)
                        && (image[pixel * 3 + 1] & 0xFF) << 8 == (rgb & 0xFF00)
                        && (image[pixel * 3 + 2] & 0xFF) == (rgb & 0xFF))
                .toArray();
        assertThat(pixels).hasSizeGreaterThan(20);
        return new double[] {
            Arrays.stream(pixels).map(pixel -> pixel % 32).average().orElseThrow(),
            Arrays.stream(pixels).map(pixel -> pixel / 32).average().orElseThrow()
        };
    }

    @Test
    void testCombinationsAreUnseenButTheirObjectsAreNot() {
        Set<String> learned = subjects(IMAGES.images().training());
        Set<String> tested = subjects(IMAGES.images().test());
        assertThat(tested).hasSize(69).doesNotContainAnyElementsOf(learned);
        assertThat(learned).hasSize(276 - 69);
        assertThat(objects(learned)).hasSize(24).containsAll(objects(tested));
        assertThat(IMAGES.images().test().size()).isEqualTo(4 * 69);
        assertThat(IMAGES.of(IMAGES.images().test()).stream().map(Caption::text)).doesNotHaveDuplicates();
    }

    private static Set<String> subjects(ImageSet images) {
        return IMAGES.of(images).stream().map(Caption::subject).collect(Collectors.toSet());
    }

    private static Set<String> objects(Set<String> subjects) {
        Set<String> objects = new HashSet<>();
        subjects.forEach(subject -> objects.addAll(List.of(subject.split(" and "))));
        return objects;
    }

    @Test
    void everyDrawOfTheDataSetIsTheSame() {
        CaptionedImages again = new CaptionedShapes(32, 2).draw();
        assertThat(again.captions()).isEqualTo(IMAGES.captions());
        assertThat(again.images().training().values()).isEqualTo(IMAGES.images().training().values());
        assertThat(again.images().test().values()).isEqualTo(IMAGES.images().test().values());
    }

    @Test
    void moreDrawingsAreLearnedAndTheSameAreTested() {
        CaptionedImages more = new CaptionedShapes(32, 2).drawn(5).draw();
        assertThat(more.captions()).isEqualTo(IMAGES.captions());
        assertThat(2 * more.images().training().size()).isEqualTo(5 * IMAGES.images().training().size());
        assertThat(more.images().test().values()).isEqualTo(IMAGES.images().test().values());
    }

    @Test
    void alternativesAreWrongInWhatTheySay() {
        Map<String, List<String>> wrong = CaptionedShapes.alternatives("red circle left of blue square");
        assertThat(wrong).containsOnlyKeys("colour", "shape", "relation", "scene");
        assertThat(wrong.get("colour")).hasSize(10).contains("green circle left of blue square");
        assertThat(wrong.get("shape")).hasSize(6).contains("red circle left of blue cross");
        assertThat(wrong.get("relation")).containsExactlyInAnyOrder(
                "red circle right of blue square", "red circle above blue square", "red circle below blue square");
        assertThat(wrong.get("scene")).hasSize(276 * 4 - 1).doesNotHaveDuplicates()
                .doesNotContain("red circle left of blue square", "blue square right of red circle");
        assertThat(CaptionedShapes.alternatives("blue square right of red circle").get("scene"))
                .isEqualTo(wrong.get("scene"));
        assertThat(CaptionedShapes.alternatives("red circle above red square").get("shape"))
                .as("not twice the same thing")
                .hasSize(4);
        assertThatThrownBy(() -> CaptionedShapes.alternatives("zebra")).hasMessageContaining("zebra");
    }
}
