package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Slots, queue, ends of generations, step by step: runs of the model wait for permits. */
@Timeout(30)
class DecodeLaneTest {
    private static final long FAST = 1;
    private static final long ONE_SECOND = 1_000_000_000L;

    private static List<Long> labels(long... labels) {
        List<Long> list = new ArrayList<>();
        for (long label : labels) {
            list.add(label);
        }
        return list;
    }

    private static Reason failure(Generation generation) {
        return generation.failure().orElseThrow().reason();
    }

    private static byte[] whole(ImageProgress image) {
        return image.values(0, LaneRig.STEPS);
    }

    @Test
    void cancelFreesTheSlotAtTheNextStep() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, FAST)) {
            GenerationTask cancelled = rig.submit(LaneRig.request(1, 1, 2));
            GenerationTask next = rig.submit(LaneRig.request(2, 2, 1));
            rig.awaitRun(1);
            cancelled.cancel();
            rig.program().permit(1);
            rig.awaitRun(2);
            assertThat(rig.program().labelsOfRuns()).containsExactly(labels(1, 1), labels(2));
            assertThat(failure(cancelled)).isEqualTo(Reason.CANCELLED);
            rig.program().permit(100);
            Await.end(next);
            assertThat(next.failure()).isEmpty();
            assertThat(rig.meters().get("scanline.cancel.to.slot.free").timer().count()).isEqualTo(2);
            assertThat(rig.meters().get("scanline.slot.free.steps").summary().max()).isEqualTo(1);
        }
    }

    @Test
    void passedDeadlineFreesTheSlotAtTheNextStep() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, FAST)) {
            long deadline = System.nanoTime() + 300_000_000;
            GenerationTask late = rig.submit(LaneRig.request(1, 1, 1, deadline));
            GenerationTask lateInQueue = rig.submit(LaneRig.request(3, 1, 1, deadline));
            GenerationTask next = rig.submit(LaneRig.request(2, 2, 1));
            rig.awaitRun(1);
            Await.until("the deadline passed", () -> System.nanoTime() - deadline > 0);
            rig.program().permit(1);
            rig.awaitRun(2);
            assertThat(rig.program().labelsOfRuns()).containsExactly(labels(1), labels(2));
            assertThat(failure(late)).isEqualTo(Reason.DEADLINE_EXCEEDED);
            assertThat(failure(lateInQueue)).isEqualTo(Reason.DEADLINE_EXCEEDED);
            rig.program().permit(100);
            Await.end(next);
            assertThat(next.failure()).isEmpty();
        }
    }

    @Test
    void cancelledImagesLeaveTheQueueAtOnce() throws Exception {
        try (LaneRig rig = new LaneRig(1, 4, true, FAST)) {
            rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            GenerationTask waiting = rig.submit(LaneRig.request(2, 2, 4));
            assertThat(rig.lane().waiting()).isEqualTo(4);
            waiting.cancel();
            waiting.cancel();
            assertThat(rig.lane().waiting()).isZero();
            assertThat(failure(waiting)).isEqualTo(Reason.CANCELLED);
        }
    }

    @Test
    void waitingImagesTakeSlotsOneByOneAsTheyFallFree() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, FAST)) {
            GenerationTask first = rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            rig.program().permit(1);
            rig.awaitRun(2);
            GenerationTask second = rig.submit(LaneRig.request(2, 2, 1));
            GenerationTask third = rig.submit(LaneRig.request(3, 3, 1));
            rig.program().permit(11); // the first image has 12 steps
            rig.awaitRun(13);
            List<List<Long>> runs = rig.program().labelsOfRuns();
            assertThat(runs.get(1)).isEqualTo(labels(1));
            assertThat(runs.get(2)).isEqualTo(labels(1, 2));
            assertThat(runs.get(11)).isEqualTo(labels(1, 2));
            assertThat(runs.get(12)).isEqualTo(labels(2, 3));
            rig.program().permit(100);
            Await.end(first);
            Await.end(second);
            Await.end(third);
        }
    }

    @Test
    void imageDoesNotDependOnWhoJoinsAndLeaves() throws Exception {
        byte[] alone;
        try (LaneRig rig = new LaneRig(1, 8, false, FAST)) {
            GenerationTask generation = rig.submit(LaneRig.request(4, 99, 1));
            Await.end(generation);
            alone = whole(generation.images().get(0));
        }
        try (LaneRig rig = new LaneRig(4, 60, true, FAST)) {
            GenerationTask leaver = rig.submit(LaneRig.request(1, 1, 2));
            rig.awaitRun(1);
            GenerationTask watched = rig.submit(LaneRig.request(4, 99, 1));
            rig.submit(LaneRig.request(5, 7, 9));
            rig.program().permit(3);
            rig.awaitRun(4);
            leaver.cancel();
            rig.program().permit(1000);
            Await.end(watched);
            assertThat(whole(watched.images().get(0))).isEqualTo(alone);
        }
    }

    @Test
    void givenValuesAreKeptAndNotCounted() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, false, FAST)) {
            GenerationTask full = rig.submit(LaneRig.request(4, 99, 1));
            Await.end(full);
            byte[] expected = whole(full.images().get(0));
            int[] prefix = {expected[0], expected[1], expected[2], expected[3], expected[4]};
            GenerationTask resumed = rig.submit(LaneRig.request(4, 99, 1, prefix));
            assertThat(resumed.images().get(0).decided()).isGreaterThanOrEqualTo(5);
            Await.end(resumed);
            assertThat(whole(resumed.images().get(0))).isEqualTo(expected);
            ImageResult result = resumed.images().get(0).result().orElseThrow();
            assertThat(result.bitsPerDim()).isEqualTo(-result.logLikelihoodNats() / (StrictMath.log(2) * 7));
        }
    }

    @Test
    void imageThatIsGivenWholeIsCompleteWithoutAStep() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, FAST)) {
            AtomicInteger told = new AtomicInteger();
            GenerationTask generation = rig.lane().submit(
                    LaneRig.request(4, 9, 2, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1), told::incrementAndGet);
            Await.end(generation);
            Await.until("the listener was told", () -> told.get() > 0);
            assertThat(rig.program().labelsOfRuns()).isEmpty();
            ImageResult result = generation.images().get(1).result().orElseThrow();
            assertThat(result.logLikelihoodNats()).isZero();
            assertThat(result.bitsPerDim()).isZero();
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void listenerIsToldOncePerStep() throws Exception {
        try (LaneRig rig = new LaneRig(3, 8, false, FAST)) {
            AtomicInteger told = new AtomicInteger();
            GenerationTask generation = rig.lane().submit(LaneRig.request(4, 9, 3), told::incrementAndGet);
            Await.end(generation);
            Await.until("the last news is told", () -> told.get() >= LaneRig.STEPS);
            rig.lane().close();
            assertThat(told).hasValue(LaneRig.STEPS);
        }
    }

    @Test
    void throwingListenerHarmsNobody() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, false, FAST)) {
            GenerationTask thrower = rig.lane().submit(LaneRig.request(1, 1, 1), () -> {
                throw new IllegalStateException("a listener's fault");
            });
            GenerationTask mate = rig.submit(LaneRig.request(2, 2, 1));
            Await.end(thrower);
            Await.end(mate);
            assertThat(thrower.failure()).isEmpty();
            assertThat(mate.failure()).isEmpty();
        }
    }

    @Test
    void failedRunFailsItsGenerationsAndTheLaneGoesOn() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, FAST)) {
            GenerationTask first = rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            rig.program().failNextRun();
            rig.program().permit(1);
            Await.end(first);
            assertThat(failure(first)).isEqualTo(Reason.INTERNAL);
            GenerationTask second = rig.submit(LaneRig.request(2, 2, 2));
            rig.program().permit(100);
            Await.end(second);
            assertThat(second.failure()).isEmpty();
        }
    }

    @Test
    void logitsThatAreNotNumbersFailTheirGenerationOnly() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, FAST)) {
            GenerationTask bad = rig.submit(LaneRig.request(1, 1, 1));
            GenerationTask good = rig.submit(LaneRig.request(2, 2, 1));
            rig.program().answerNoNumbersFor(1);
            rig.program().permit(100);
            Await.end(bad);
            Await.end(good);
            assertThat(failure(bad)).isEqualTo(Reason.INTERNAL);
            assertThat(good.failure()).isEmpty();
        }
    }

    @Test
    void fullQueueRefusesAndSaysWhenThereIsRoom() throws Exception {
        try (LaneRig rig = new LaneRig(1, 2, true, ONE_SECOND)) {
            rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            GenerationTask waiting = rig.submit(LaneRig.request(2, 1, 2));
            assertThat(waiting.queuePosition()).isEqualTo(1);
            assertThat(waiting.etaMillis()).isEqualTo(3 * 12 * 1000);
            assertThatThrownBy(() -> rig.submit(LaneRig.request(3, 1, 2)))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                        // Two images must be complete first, at 12 steps of one second each.
                        assertThat(refused.retryAfter()).contains(Duration.ofSeconds(24));
                    });
            waiting.cancel();
            GenerationTask later = rig.submit(LaneRig.request(3, 1, 2));
            assertThat(later.queuePosition()).isEqualTo(1);
        }
    }

    @Test
    void deadlineThatTheQueueAheadEatsIsRefusedWithARetryTime() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, ONE_SECOND)) {
            rig.submit(LaneRig.request(1, 1, 1));
            rig.awaitRun(1);
            long deadline = System.nanoTime() + 20 * ONE_SECOND;
            assertThatThrownBy(() -> rig.submit(LaneRig.request(2, 1, 1, deadline)))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                        assertThat(refused.retryAfter().orElseThrow())
                                .isBetween(Duration.ofSeconds(4), Duration.ofSeconds(10));
                    });
            assertThatThrownBy(() -> rig.submit(LaneRig.request(2, 1, 1, System.nanoTime() + ONE_SECOND)))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                        assertThat(refused.retryAfter()).isEmpty();
                    });
        }
    }

    @Test
    void closeGivesUpEverythingAndRefusesMore() throws Exception {
        LaneRig rig = new LaneRig(1, 8, true, FAST);
        AtomicInteger told = new AtomicInteger();
        GenerationTask running = rig.lane().submit(LaneRig.request(1, 1, 1), told::incrementAndGet);
        GenerationTask waiting = rig.lane().submit(LaneRig.request(2, 1, 2), told::incrementAndGet);
        rig.awaitRun(1);
        Thread closer = new Thread(rig.lane()::close);
        closer.start();
        Await.until("new work is refused", () -> refusesAsClosing(rig));
        rig.program().permit(1);
        closer.join(10_000);
        assertThat(closer.isAlive()).isFalse();
        assertThat(failure(running)).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(failure(waiting)).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(told).hasValueGreaterThanOrEqualTo(2);
        assertThat(rig.work().awaitNone(Duration.ZERO)).isTrue();
    }

    private static boolean refusesAsClosing(LaneRig rig) {
        try {
            rig.submit(LaneRig.request(3, 1, 1)).cancel();
            return false;
        } catch (EngineException refused) {
            return refused.reason() == Reason.SHUTTING_DOWN;
        }
    }

    @Test
    void drainWaitsForTheWorkAtHandAndRefusesMore() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, FAST)) {
            GenerationTask generation = rig.submit(LaneRig.request(1, 1, 1));
            rig.work().refuse();
            assertThat(rig.work().awaitNone(Duration.ofMillis(5))).isFalse();
            assertThatThrownBy(() -> rig.submit(LaneRig.request(2, 1, 1)))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.SHUTTING_DOWN));
            rig.program().permit(100);
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
            assertThat(generation.failure()).isEmpty();
        }
    }
}
