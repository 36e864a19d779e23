package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How far texts are from true ones. */
class WordMatchTest {
    @Test
    void wordsCountAsOftenAsTheyOccur() {
        WordMatch match = WordMatch.of("red red circle", List.of("red circle left of red square"));
        assertThat(match.exact()).isFalse();
        assertThat(match.f1()).isCloseTo(2 * 3.0 / (3 + 6), within(1e-12));
        assertThat(WordMatch.of("red red red", List.of("red circle")).f1()).isCloseTo(2.0 / 5, within(1e-12));
        assertThat(WordMatch.of("dog", List.of("cat")).f1()).isZero();
    }

    @Test
    void exactIsInTheSameOrderWhateverCaseAndPunctuation() {
        assertThat(WordMatch.of("Waving hand: dark", List.of("waving hand : dark")).exact()).isTrue();
        WordMatch turned = WordMatch.of("hand waving", List.of("waving hand"));
        assertThat(turned.exact()).isFalse();
        assertThat(turned.f1()).isEqualTo(1);
        assertThat(WordMatch.of("", List.of("")).exact()).isTrue();
    }

    @Test
    void theTrueTextThatIsNearestCounts() {
        WordMatch match = WordMatch.of("b right of a", List.of("a left of b", "b right of a"));
        assertThat(match).isEqualTo(new WordMatch(true, 1));
        assertThat(WordMatch.exactPercent(List.of(match, new WordMatch(false, 0.5)))).isEqualTo(50);
        assertThat(WordMatch.meanF1(List.of(match, new WordMatch(false, 0.5)))).isEqualTo(75);
    }
}
