package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class PartChoiceTest {
    private static final long SLOW = 1_000_000; // nanoseconds
    private static final long QUICK = 500_000;
    private static final int TRIAL = 3 * 13; // more runs than it takes to try three numbers of parts

    /** Makes runs that take so long by their parts; returns the parts of each. */
    private static List<Integer> runs(PartChoice choice, int count, IntToLongFunction nanos) {
        List<Integer> parts = new ArrayList<>();
        for (int run = 0; run < count; run++) {
            parts.add(choice.next());
            choice.took(16, nanos.applyAsLong(choice.next()));
        }
        return parts;
    }

    private static int share(List<Integer> parts, int of) {
        return (int) (100 * parts.stream().filter(each -> each == of).count() / parts.size());
    }

    @Test
    void quickestNumberOfPartsIsTaken() {
        for (int quickest : new int[] {1, 2, 4}) {
            PartChoice choice = new PartChoice(16, 2);
            runs(choice, TRIAL, parts -> parts == quickest ? QUICK : SLOW);
            assertThat(share(runs(choice, 50_000, parts -> parts == quickest ? QUICK : SLOW), quickest))
                    .isGreaterThan(97);
        }
    }

    @Test
    void onePartIsTakenWhereSeveralAreHardlyQuicker() {
        PartChoice choice = new PartChoice(16, 2);
        runs(choice, TRIAL, parts -> parts == 1 ? SLOW : SLOW * 95 / 100);
        assertThat(share(runs(choice, 50_000, parts -> parts == 1 ? SLOW : SLOW * 95 / 100), 1)).isGreaterThan(97);
    }

    @Test
    void someRunsThatAreHeldUpChangeNothing() {
        PartChoice choice = new PartChoice(16, 2);
        int[] run = {0};
        IntToLongFunction heldUp = parts -> run[0]++ % 4 == 0 ? 9 * SLOW : parts == 2 ? QUICK : SLOW;
        runs(choice, TRIAL, heldUp);
        assertThat(share(runs(choice, 50_000, heldUp), 2)).isGreaterThan(95);
    }

    @Test
    void trialThatOtherWorkSpoiltIsMadeGood() {
        PartChoice choice = new PartChoice(16, 2);
        runs(choice, TRIAL, parts -> parts == 2 ? 9 * SLOW : SLOW);
        assertThat(choice.next()).isEqualTo(1);
        assertThat(share(runs(choice, 50_000, parts -> parts == 2 ? QUICK : SLOW), 2)).isGreaterThan(97);
    }

    @Test
    void partsAreNoMoreThanSlotsAndTwiceTheThreads() {
        assertThat(runs(new PartChoice(16, 2), 5000, parts -> SLOW)).containsOnly(1, 2, 4);
        assertThat(runs(new PartChoice(3, 2), 5000, parts -> SLOW)).containsOnly(1, 2);
        assertThat(runs(new PartChoice(1, 2), 5000, parts -> SLOW)).containsOnly(1);
    }

    @Test
    void oneThreadComputesOnePart() {
        assertThat(runs(new PartChoice(16, 1), 5000, parts -> SLOW)).containsOnly(1);
    }
}
