package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ImageSetTest {
    private static final List<String> CLASSES = List.of("a", "b");

    /** Images of one pixel whose value is their index. */
    private static ImageSet numbered(int size) {
        byte[] values = new byte[size];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            values[i] = (byte) i;
            labels[i] = i % 2;
        }
        return new ImageSet(values, labels, 1, 1, 1, 256, CLASSES);
    }

    @Test
    void selectionKeepsImagesWithTheirLabels() {
        ImageSet chosen = numbered(6).select(new int[] {5, 0});

        assertThat(chosen.values()).containsExactly(5, 0);
        assertThat(chosen.labels()).containsExactly(1, 0);
        assertThat(chosen.className(0)).isEqualTo("b");
    }

    @Test
    void firstGivesAtMostWhatIsThere() {
        assertThat(numbered(3).first(2).values()).containsExactly(0, 1);
        assertThat(numbered(3).first(9).size()).isEqualTo(3);
    }

    @Test
    void partsThatDoNotAgreeAreRefused() {
        assertThatThrownBy(() -> new ImageSet(new byte[5], new int[1], 2, 2, 1, 256, CLASSES))
                .hasMessageContaining("5 values do not make 1 images of 2 x 2 x 1");
        assertThatThrownBy(() -> new ImageSet(new byte[1], new int[] {2}, 1, 1, 1, 256, CLASSES))
                .hasMessageContaining("label 2 of 2 classes");
        assertThatThrownBy(() -> new ImageSet(new byte[1], new int[1], 1, 1, 1, 257, CLASSES))
                .hasMessageContaining("2 to 256 levels");
    }

    @Property(tries = 200)
    void splitIsAPartitionThatDependsOnTheSeedAlone(
            @ForAll @IntRange(min = 2, max = 100) int size, @ForAll @IntRange(max = 99) int wanted, @ForAll long seed) {
        int kept = wanted % size;
        Holdout split = Holdout.split(numbered(size), kept, seed);
        Holdout again = Holdout.split(numbered(size), kept, seed);

        Set<Byte> all = new HashSet<>();
        for (ImageSet part : List.of(split.training(), split.validation())) {
            byte[] sorted = part.values().clone();
            Arrays.sort(sorted);
            assertThat(part.values()).isEqualTo(sorted);
            for (int i = 0; i < part.size(); i++) {
                assertThat(all.add(part.values()[i])).isTrue();
                assertThat(part.labels()[i]).isEqualTo(part.values()[i] % 2);
            }
        }
        assertThat(all).hasSize(size);
        assertThat(split.validation().size()).isEqualTo(kept);
        assertThat(again.validation().values()).isEqualTo(split.validation().values());
    }

    @Test
    void otherSeedsKeepOtherImages() {
        assertThat(Holdout.split(numbered(100), 10, 1).validation().values())
                .isNotEqualTo(Holdout.split(numbered(100), 10, 2).validation().values());
    }

    @Test
    void splitThatLeavesNothingToTrainOnIsRefused() {
        assertThatThrownBy(() -> Holdout.split(numbered(3), 3, 1)).hasMessageContaining("cannot keep back 3 of 3");
    }
}
