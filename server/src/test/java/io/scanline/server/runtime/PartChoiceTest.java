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
            PartChoice choice = new PartChoice(16, 4);
            runs(choice, TRIAL, parts -> parts == quickest ? QUICK : SLOW);
            assertThat(share(runs(choice, 50_000, parts -> parts == quickest ? QUICK : SLOW), quickest))
                    .isGreaterThan(97);
        }
    }

    @Test
    void onePartIsTakenWhereSeveralAreHardlyQuicker() {
        PartChoice choice = new PartChoice(16, 4);
        runs(choice, TRIAL, parts -> parts == 1 ? SLOW : SLOW * 95 / 100);
        assertThat(share(runs(choice, 50_000, parts -> parts == 1 ? SLOW : SLOW * 95 / 100), 1)).isGreaterThan(97);
    }

    @Test
    void someRunsThatAreHeldUpChangeNothing() {
        PartChoice choice = new PartChoice(16, 4);
        int[] run = {0};
        IntToLongFunction heldUp = parts -> run[0]++ % 4 == 0 ? 9 * SLOW : parts == 2 ? QUICK : SLOW;
        runs(choice, TRIAL, heldUp);
        assertThat(share(runs(choice, 50_000, heldUp), 2)).isGreaterThan(95);
    }

    @Test
    void trialThatOtherWorkSpoiltIsMadeGood() {
        PartChoice choice = new PartChoice(16, 4);
        runs(choice, TRIAL, parts -> parts == 2 ? 9 * SLOW : SLOW);
        assertThat(choice.next()).isEqualTo(1);
        assertThat(share(runs(choice, 50_000, parts -> parts == 2 ? QUICK : SLOW), 2)).isGreaterThan(97);
    }

    @Test
    void oneTrialThatOtherWorkSpoiltChangesNothing() {
        PartChoice choice = new PartChoice(16, 4);
        IntToLongFunction quiet = parts -> parts == 2 ? QUICK : SLOW;
        runs(choice, TRIAL, quiet);
        while (choice.left() > 0) {
            runs(choice, 1, quiet);
        }
        runs(choice, TRIAL, parts -> parts == 2 ? 9 * SLOW : SLOW); // one trial, and the beginning of the next
        runs(choice, TRIAL, quiet);
        assertThat(choice.left()).isPositive();
        assertThat(choice.next()).isEqualTo(2);
    }

    @Test
    void timeOfARunCountsHoweverManyAreMadeAtATime() {
        PartChoice choice = new PartChoice(16, 2);
        for (int i = 0; i < 2 * TRIAL; i++) {
            choice.took(16, 3 * (choice.next() == 2 ? QUICK : SLOW), 3);
        }
        assertThat(choice.next()).isEqualTo(2);
        choice = new PartChoice(16, 2);
        for (int i = 0; i < 2 * TRIAL; i++) {
            choice.took(16, 9 * QUICK, choice.next() == 2 ? 1 : 9); // as long, but less was done
        }
        assertThat(choice.next()).isEqualTo(1);
    }

    @Test
    void partsAreNoMoreThanSlots() {
        assertThat(runs(new PartChoice(16, 4), 5000, parts -> SLOW)).containsOnly(1, 2, 4);
        assertThat(runs(new PartChoice(3, 4), 5000, parts -> SLOW)).containsOnly(1, 2);
        assertThat(runs(new PartChoice(1, 4), 5000, parts -> SLOW)).containsOnly(1);
    }

    @Test
    void oneIsChosenWhereThereMayBeNoMore() {
        assertThat(runs(new PartChoice(16, 1), 5000, parts -> SLOW)).containsOnly(1);
    }
}
