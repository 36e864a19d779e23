package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rounds of several threads: the first half of the slots waits for permits where the rig is gated, the second never. */
@Timeout(30)
class DividedLaneTest {
    private static final long FAST = 1;

    private static LaneRig rig(int slots, boolean gated) {
        LaneRig rig = new LaneRig(slots, 64, gated, FAST);
        rig.program().divide();
        return rig;
    }

    private static int decided(GenerationTask generation) {
        return generation.images().get(0).decided();
    }

    @Test
    void imagesOfAllThreadsAreThoseMadeAlone() throws Exception {
        try (LaneRig rig = rig(5, false)) {
            List<GenerationTask> generations = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                generations.add(rig.submit(LaneRig.request(i % 10, i, 1 + i % 3, new int[i])));
            }
            for (GenerationTask generation : generations) {
                Await.end(generation);
                for (ImageProgress image : generation.images()) {
                    assertThat(image.values(0, LaneRig.STEPS))
                            .isEqualTo(LaneRig.expected(generation.request(), image.index()).values());
                }
            }
        }
    }

    @Test
    void threadWaitsForNoOtherAndTellsOfItsOwnValues() throws Exception {
        try (LaneRig rig = rig(2, true)) {
            AtomicInteger told = new AtomicInteger();
            GenerationTask held = rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            GenerationTask free = rig.lane().submit(LaneRig.request(2, 2, 1), told::incrementAndGet);
            rig.program().permit(1); // of the run that was begun when there was but one
            Await.until("the second image is drawn", () -> decided(free) == LaneRig.STEPS);
            assertThat(decided(held)).isEqualTo(1);
            assertThat(told).hasValue(LaneRig.STEPS - 1); // of the last value with the end, when the round is over
            rig.program().permit(100);
            Await.end(free);
            Await.end(held);
            assertThat(held.images().get(0).values(0, LaneRig.STEPS))
                    .isEqualTo(LaneRig.expected(held.request(), 0).values());
        }
    }

    @Test
    void arrivalThatFindsNoSlotStopsNobody() throws Exception {
        try (LaneRig rig = rig(2, true)) {
            CompletableFuture<GenerationTask> arrival = new CompletableFuture<>();
            GenerationTask held = rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            AtomicInteger told = new AtomicInteger();
            GenerationTask free = rig.lane().submit(LaneRig.request(2, 2, 1), () -> {
                if (told.incrementAndGet() == 1) {
                    submit(rig, arrival);
                }
            });
            rig.program().permit(1); // of the run that was begun when there was but one
            Await.until("the second image is drawn", () -> decided(free) == LaneRig.STEPS);
            assertThat(decided(held)).isEqualTo(1);
            rig.program().permit(100);
            Await.end(arrival.join());
            assertThat(arrival.join().images().get(0).values(0, LaneRig.STEPS))
                    .isEqualTo(LaneRig.expected(arrival.join().request(), 0).values());
        }
    }

    private static void submit(LaneRig rig, CompletableFuture<GenerationTask> arrival) {
        try {
            arrival.complete(rig.submit(LaneRig.request(3, 3, 1)));
        } catch (EngineException refused) {
            arrival.completeExceptionally(refused);
        }
    }

    @Test
    void cancelEndsTheRoundAfterTheStepAtHand() throws Exception {
        try (LaneRig rig = rig(2, true)) {
            GenerationTask cancelled = rig.submit(LaneRig.request(1, 1, 2));
            rig.awaitRun(1);
            int runs = rig.program().labelsOfRuns().size();
            cancelled.cancel();
            GenerationTask next = rig.submit(LaneRig.request(2, 2, 1));
            rig.program().permit(100);
            Await.end(next);
            assertThat(rig.program().labelsOfRuns().subList(runs, rig.program().labelsOfRuns().size()))
                    .allSatisfy(labels -> assertThat(labels).doesNotContain(1L));
        }
    }

    @Test
    void deadlineEndsTheRoundAfterTheStepAtHand() throws Exception {
        try (LaneRig rig = rig(4, true)) {
            long deadline = System.nanoTime() + 300_000_000;
            GenerationTask late = rig.submit(LaneRig.request(1, 1, 4, deadline));
            rig.awaitRun(1);
            Await.until("the deadline passed", () -> System.nanoTime() - deadline > 0);
            int runs = rig.program().labelsOfRuns().size();
            rig.program().permit(100);
            Await.end(late);
            assertThat(late.failure().orElseThrow().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
            assertThat(rig.program().labelsOfRuns()).hasSize(runs);
        }
    }

    @Test
    void failureOfOneThreadEndsTheImagesOfAllAndTheLaneGoesOn() throws Exception {
        try (LaneRig rig = rig(2, false)) {
            rig.program().failNextRun();
            GenerationTask failed = rig.submit(LaneRig.request(1, 1, 2));
            Await.end(failed);
            assertThat(failed.failure().orElseThrow().reason()).isEqualTo(Reason.INTERNAL);
            GenerationTask next = rig.submit(LaneRig.request(2, 2, 2));
            Await.end(next);
            assertThat(next.failure()).isEmpty();
        }
    }

    @Test
    void valueThatCannotBeDrawnEndsItsImageAlone() throws Exception {
        try (LaneRig rig = rig(2, false)) {
            rig.program().answerNoNumbersFor(1);
            GenerationTask failed = rig.submit(LaneRig.request(1, 1, 1));
            GenerationTask other = rig.submit(LaneRig.request(2, 2, 1));
            Await.end(failed);
            Await.end(other);
            assertThat(failed.failure().orElseThrow().reason()).isEqualTo(Reason.INTERNAL);
            assertThat(other.images().get(0).values(0, LaneRig.STEPS))
                    .isEqualTo(LaneRig.expected(other.request(), 0).values());
        }
    }
}
