package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PauseAllowanceTest {
    private static final long MILLI = 1_000_000;

    @Test
    void allPausesTogetherLastAsLongAsOneMay() {
        PauseAllowance pauses = new PauseAllowance(100);
        assertThat(pauses.begin(5 * MILLI)).isEqualTo(100);
        pauses.end(45 * MILLI);
        pauses.end(90 * MILLI); // it had ended
        assertThat(pauses.begin(1000 * MILLI)).isEqualTo(60);
        pauses.end(1059 * MILLI + MILLI / 2);
        assertThat(pauses.begin(2000 * MILLI)).isEqualTo(1); // half of one, which a timer cannot wait
        pauses.end(2001 * MILLI);
        assertThat(pauses.begin(3000 * MILLI)).isZero();
        pauses.end(9000 * MILLI);
        assertThat(pauses.begin(9000 * MILLI)).isZero();
    }
}
