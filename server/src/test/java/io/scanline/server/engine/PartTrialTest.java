package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.PartedProgram;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class PartTrialTest {
    /** Steps of a millisecond a slot of the largest part, and some more where there are several. */
    private static final class Timed implements PartedProgram {
        private final int handing; // milliseconds
        private int fewest;

        Timed(int handing) {
            this.handing = handing;
        }

        @Override
        public void fewestOfAPart(int slots) {
            fewest = slots;
        }

        @Override
        public void run(int batch) {
            int parts = Math.max(1, Math.min(2, batch / fewest));
            long end = System.nanoTime()
                    + TimeUnit.MILLISECONDS.toNanos((batch + parts - 1) / parts + (parts == 1 ? 0 : handing));
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }
    }

    private static int settled(int handing, int slots) throws GraphException {
        Timed program = new Timed(handing);
        PartTrial.settle(program, slots);
        return program.fewest;
    }

    @Test
    void partsAreAsSmallAsIsQuickerThanOne() throws Exception {
        assertThat(settled(0, 8)).isEqualTo(1);
        assertThat(settled(2, 8)).isEqualTo(4);
    }

    @Test
    void whatIsNeverQuickerInPartsStaysOne() throws Exception {
        assertThat(settled(20, 8)).isGreaterThan(4);
    }

    @Test
    void oneSlotIsNotTried() throws Exception {
        assertThat(settled(0, 1)).isEqualTo(1);
    }
}
