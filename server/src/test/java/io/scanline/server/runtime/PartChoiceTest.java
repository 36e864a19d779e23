package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;

class PartChoiceTest {
    private static final int TRIALS = 40; // runs in which it has found out

    /** Makes runs that take so long by their parts; returns the parts of each. */
    private static List<Integer> runs(PartChoice choice, int count, IntToLongFunction nanos) {
        List<Integer> parts = new ArrayList<>();
        for (int run = 0; run < count; run++) {
            parts.add(choice.next());
            choice.took(nanos.applyAsLong(choice.next()));
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
            runs(choice, TRIALS, parts -> parts == quickest ? 500 : 1000);
            assertThat(share(runs(choice, 5000, parts -> parts == quickest ? 500 : 1000), quickest))
                    .isGreaterThan(95);
        }
    }

    @Test
    void onePartIsTakenWhereSeveralAreHardlyQuicker() {
        PartChoice choice = new PartChoice(16, 2);
        runs(choice, TRIALS, parts -> parts == 1 ? 1000 : 950);
        assertThat(share(runs(choice, 5000, parts -> parts == 1 ? 1000 : 950), 1)).isGreaterThan(95);
    }

    @Test
    void trialThatOtherWorkSpoiltIsMadeGood() {
        PartChoice choice = new PartChoice(16, 2);
        runs(choice, 12, parts -> parts == 2 ? 9000 : 1000); // the first trial
        assertThat(runs(choice, 1, parts -> 1000)).containsExactly(1);
        assertThat(share(runs(choice, 5000, parts -> parts == 2 ? 500 : 1000), 2)).isGreaterThan(90);
    }

    @Test
    void partsAreNoMoreThanSlotsAndTwiceTheThreads() {
        assertThat(runs(new PartChoice(16, 2), 5000, parts -> 1000 / parts)).containsOnly(1, 2, 4);
        assertThat(runs(new PartChoice(3, 2), 5000, parts -> 1000 / parts)).containsOnly(1, 2);
        assertThat(runs(new PartChoice(1, 2), 5000, parts -> 1000 / parts)).containsOnly(1);
    }

    @Test
    void oneThreadComputesOnePart() {
        assertThat(runs(new PartChoice(16, 1), 5000, parts -> 1000 / parts)).containsOnly(1);
    }
}
