package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GuessRecordTest {
    @Test
    void likelihoodIsHowOftenGuessesOfTheMarginWereRight() {
        GuessRecord record = new GuessRecord();
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            record.tell(0.3, random.nextDouble() < 0.9);
            record.tell(0.01, random.nextDouble() < 0.4);
        }
        assertThat(record.likelihood(0.26)).isCloseTo(0.9, within(0.03));
        assertThat(record.likelihood(0.012)).isCloseTo(0.4, within(0.05));
    }

    @Test
    void whatChangesIsLearntAnew() {
        GuessRecord record = new GuessRecord();
        for (int i = 0; i < 100_000; i++) {
            record.tell(1, true);
        }
        for (int i = 0; i < 10_000; i++) {
            record.tell(1, false);
        }
        assertThat(record.likelihood(1)).isLessThan(0.1);
        assertThat(record.likelihood(0)).isBetween(0.0, 1.0);
        assertThat(record.likelihood(Double.NaN)).isBetween(0.0, 1.0);
    }
}
