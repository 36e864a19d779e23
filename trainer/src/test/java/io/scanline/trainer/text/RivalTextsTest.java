package io.scanline.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.data.Caption;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RivalTextsTest {
    private static final List<Caption> LEARNED =
            IntStream.range(0, 1000).mapToObj(i -> caption("text " + i / 2)).toList(); // each in two styles

    private static Caption caption(String text) {
        return new Caption(List.of(text), List.of(), "plain", text);
    }

    private static List<Integer> places(RivalTexts rivals, String own, long seed) {
        return rivals.draw(List.of(caption(own)), new Random(seed)).stream()
                .map(rival -> Integer.parseInt(rival.text().substring("text ".length())))
                .toList();
    }

    @Test
    void halfStandNearTheCaptionAndTheOthersAnywhere() {
        RivalTexts rivals = RivalTexts.of(LEARNED, 10);
        int near = 0;
        int all = 0;
        Set<Integer> seen = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            List<Integer> places = places(rivals, "text 250", seed);
            assertThat(places).doesNotHaveDuplicates().hasSizeBetween(5, 10);
            near += (int) places.stream().filter(place -> Math.abs(place - 250) <= 12).count();
            all += places.size();
            seen.addAll(places);
        }
        assertThat((double) near / all).isBetween(0.4, 0.6);
        assertThat(seen).hasSizeGreaterThan(300);
        assertThat(places(rivals, "text 250", 1)).isEqualTo(places(rivals, "text 250", 1));
    }

    @Test
    void captionsOfNoLearnedImageHaveRivalsToo() {
        assertThat(places(RivalTexts.of(LEARNED, 6), "never seen", 3)).isNotEmpty();
        assertThat(RivalTexts.NONE.draw(List.of(caption("text 1")), new Random(1))).isEmpty();
        assertThat(RivalTexts.of(LEARNED, 0).draw(List.of(caption("text 1")), new Random(1))).isEmpty();
    }
}
