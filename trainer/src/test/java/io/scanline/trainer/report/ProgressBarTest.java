package io.scanline.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long nanos = 5_000_000_000L;

    @Test
    void terminalLineIsRedrawnInPlaceWithRateTimeLeftAndLoss() {
        try (ProgressBar bar = bar(true, 0, 1000)) {
            afterSeconds(1);
            bar.update(10, "loss 2.500");
            afterSeconds(1);
            bar.update(20, "loss 2.4");
        }

        String[] lines = printed().split("\r");
        assertThat(lines[1]).isEqualTo(
                "train   1% [------------------------] 10/1,000 steps  10 steps/s  ETA 1m39s  loss 2.500");
        assertThat(lines[2]).isEqualTo(
                "train   2% [------------------------] 20/1,000 steps  10 steps/s  ETA 1m38s  loss 2.4  ");
        assertThat(lines[3]).endsWith("loss 2.4" + System.lineSeparator());
    }

    @Test
    void finishedTaskShowsAFullBarAndNoTimeLeft() {
        try (ProgressBar bar = bar(true, 0, 4)) {
            afterSeconds(8);
            bar.update(4, "");
        }

        assertThat(printed())
                .contains("train 100% [########################] 4/4 steps  0.50 steps/s")
                .doesNotContain("ETA");
    }

    @Test
    void terminalIsNotFloodedByFastSteps() {
        ProgressBar bar = bar(true, 0, 1_000_000);
        for (int step = 1; step <= 1000; step++) {
            nanos += 1_000_000;
            bar.update(step, "");
        }

        assertThat(printed().chars().filter(c -> c == '\r').count()).isBetween(5L, 11L);
    }

    @Test
    void logGetsAPlainLineEveryIntervalAndOneAtTheEnd() {
        try (ProgressBar bar = bar(false, 0, 100)) {
            for (int step = 1; step <= 25; step++) {
                afterSeconds(1);
                bar.update(step, "");
            }
        }

        assertThat(printed()).doesNotContain("\r").doesNotContain("[");
        assertThat(printed().lines()).containsExactly(
                "train   1% 1/100 steps  1.00 steps/s  ETA 1m39s",
                "train  11% 11/100 steps  1.00 steps/s  ETA 1m29s",
                "train  21% 21/100 steps  1.00 steps/s  ETA 1m19s",
                "train  25% 25/100 steps  1.00 steps/s  ETA 1m15s");
    }

    @Test
    void resumedTaskDoesNotCountWhatWasDoneBeforeAsSpeed() {
        ProgressBar bar = bar(false, 900, 1000);
        afterSeconds(2);
        bar.update(901, "");

        assertThat(printed()).startsWith("train  90% 901/1,000 steps  0.50 steps/s  ETA 3m18s");
    }

    @Test
    void longTasksAreToldInHours() {
        ProgressBar bar = bar(false, 0, 10_000);
        afterSeconds(1);
        bar.update(1, "");

        assertThat(printed()).contains("ETA 2h46m");
    }

    @Test
    void taskThatStartsAgainShowsLessDoneAndNoNegativeRate() {
        ProgressBar bar = bar(false, 0, 100);
        afterSeconds(10);
        bar.update(50, "");
        afterSeconds(10);
        bar.update(5, "");

        assertThat(printed().lines().toList().get(1)).startsWith("train   5% 5/100 steps").doesNotContain("-");
    }

    @Test
    void impossibleBoundsAreRefused() {
        assertThatThrownBy(() -> bar(true, 5, 4)).hasMessageContaining("cannot go from 5 to 4");
    }

    private ProgressBar bar(boolean terminal, long start, long total) {
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        return new ProgressBar(out, terminal, Duration.ofSeconds(10), () -> nanos, "train", "steps", start, total);
    }

    private void afterSeconds(int seconds) {
        nanos += seconds * 1_000_000_000L;
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
