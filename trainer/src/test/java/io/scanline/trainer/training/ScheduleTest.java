package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Schedule SCHEDULE = new Schedule(1, 0.1, 10, 110);

    @Test
    void growsLinearlyDuringTheWarmUp() {
        assertThat(SCHEDULE.at(0)).isCloseTo(0.1, within(1e-12));
        assertThat(SCHEDULE.at(4)).isCloseTo(0.5, within(1e-12));
        assertThat(SCHEDULE.at(9)).isCloseTo(1, within(1e-12));
    }

    @Test
    void fallsAsHalfACosineToTheLastRate() {
        assertThat(SCHEDULE.at(10)).isCloseTo(1, within(1e-12));
        assertThat(SCHEDULE.at(35)).isCloseTo(0.1 + 0.9 * (1 + Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(SCHEDULE.at(60)).isCloseTo(0.55, within(1e-12));
        assertThat(SCHEDULE.at(110)).isCloseTo(0.1, within(1e-12));
        assertThat(SCHEDULE.at(1000)).isCloseTo(0.1, within(1e-12));
    }

    @Test
    void startsAtThePeakWithoutWarmUp() {
        assertThat(new Schedule(1, 0, 0, 10).at(0)).isCloseTo(1, within(1e-12));
    }
}
