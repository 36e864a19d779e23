package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Images that are given up and generations that are paused, step by step: runs of the model wait for permits. */
@Timeout(30)
class SteeringLaneTest {
    private static final EngineException GIVEN_UP =
            EngineException.of(Reason.GENERATION_CANCELLED, "the generation was cancelled");

    private static byte[] alone(int label, long seed, int image) throws Exception {
        try (LaneRig rig = new LaneRig(4, 8, false, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(label, seed, image + 1));
            Await.end(generation);
            return generation.images().get(image).values(0, LaneRig.STEPS);
        }
    }

    private static List<Long> labels(LaneRig rig, int run) {
        return rig.program().labelsOfRuns().get(run);
    }

    @Test
    void cancelledImageFreesItsSlotAtTheNextStepAndItsNeighboursGoOn() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(1, 5, 2));
            GenerationTask next = rig.submit(LaneRig.request(2, 2, 1));
            rig.awaitRun(1);
            rig.program().permit(2);
            rig.awaitRun(3);
            assertThat(generation.cancel(0)).isTrue();
            assertThat(generation.cancel(0)).isFalse();
            rig.program().permit(1);
            rig.awaitRun(4);
            assertThat(labels(rig, 2)).containsExactly(1L, 1L);
            assertThat(labels(rig, 3)).containsExactlyInAnyOrder(1L, 2L);

            assertThat(rig.meters().get("scanline.cancel.to.slot.free").timer().count()).isEqualTo(1);
            ImageProgress cancelled = generation.images().get(0);
            ImageResult result = cancelled.result().orElseThrow();
            assertThat(result.finishReason()).isEqualTo(FinishReason.CANCELLED);
            assertThat(result.sha256()).isEmpty();
            assertThat(cancelled.decided()).isEqualTo(3);
            assertThat(result.bitsPerDim()).isEqualTo(-result.logLikelihoodNats() / (StrictMath.log(2) * 3));
            rig.program().permit(100);
            Await.end(generation);
            Await.end(next);
            assertThat(generation.failure()).isEmpty();
            assertThat(generation.images().get(1).values(0, LaneRig.STEPS)).isEqualTo(alone(1, 5, 1));
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void cancelledImageLeavesTheQueueAtOnce() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(1, 5, 2));
            rig.awaitRun(1);
            assertThat(generation.cancel(1)).isTrue();
            assertThat(rig.lane().waiting()).isZero();
            assertThat(generation.images().get(1).result().orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
            rig.program().permit(100);
            Await.end(generation);
            assertThat(generation.images().get(0).result().orElseThrow().finishReason()).isEqualTo(FinishReason.COMPLETE);
            assertThat(generation.cancel(0)).isFalse();
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Test
    void generationWhoseEveryImageIsCancelledIsOverWithoutAFailure() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(1, 5, 2));
            rig.awaitRun(1);
            generation.cancel(0);
            generation.cancel(1);
            rig.program().permit(1);
            Await.end(generation);
            assertThat(generation.failure()).isEmpty();
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
            assertThat(rig.lane().active()).isZero();
        }
    }

    @Test
    void endingSaysHowManyImagesItEndedAndWhy() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(1, 5, 3));
            rig.awaitRun(1);
            generation.cancel(2);
            assertThat(generation.end(GIVEN_UP)).isEqualTo(2);
            assertThat(generation.end(GIVEN_UP)).isZero();
            assertThat(generation.failure()).contains(GIVEN_UP);
        }
    }

    @Test
    void pausedImagesKeepTheirSlotsAndTakeNoSteps() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask paused = rig.submit(LaneRig.request(1, 5, 1));
            GenerationTask mate = rig.submit(LaneRig.request(2, 7, 1));
            GenerationTask waiting = rig.submit(LaneRig.request(3, 9, 1));
            rig.awaitRun(1);
            rig.program().permit(3);
            rig.awaitRun(4);
            paused.pause();
            paused.pause();
            rig.program().permit(4); // one of them was on its way
            rig.awaitRun(8);
            assertThat(paused.images().get(0).decided()).isEqualTo(4);
            assertThat(rig.program().labelsOfRuns().subList(4, 8)).containsOnly(List.of(2L));
            assertThat(rig.lane().active()).isEqualTo(2);
            assertThat(rig.lane().waiting()).isEqualTo(1);

            paused.proceed();
            paused.proceed();
            rig.program().permit(100);
            Await.end(paused);
            Await.end(mate);
            Await.end(waiting);
            assertThat(paused.images().get(0).values(0, LaneRig.STEPS)).isEqualTo(alone(1, 5, 0));
            assertThat(mate.images().get(0).values(0, LaneRig.STEPS)).isEqualTo(alone(2, 7, 0));
        }
    }

    @Test
    void laneWhoseEveryImageIsPausedRestsUntilItIsToGoOn() throws Exception {
        try (LaneRig rig = new LaneRig(1, 8, true, 1)) {
            GenerationTask paused = rig.submit(LaneRig.request(1, 5, 2));
            rig.awaitRun(1);
            paused.pause();
            rig.program().permit(100);
            Await.until("the step on its way is taken", () -> paused.images().get(0).decided() == 1);
            GenerationTask other = rig.submit(LaneRig.request(2, 6, 1));
            assertThat(rig.program().labelsOfRuns()).hasSize(1);
            paused.cancel(0); // its slot is what the other waits for: the paused image behind it does not take it
            Await.end(other);
            assertThat(paused.images().get(1).decided()).isZero();
            paused.proceed();
            Await.end(paused);
            assertThat(paused.images().get(1).values(0, LaneRig.STEPS)).isEqualTo(alone(1, 5, 1));
        }
    }

    @Test
    void pausedGenerationCanBeCancelledAndShutDown() throws Exception {
        LaneRig rig = new LaneRig(2, 8, true, 1);
        GenerationTask cancelled = rig.submit(LaneRig.request(1, 5, 1));
        GenerationTask left = rig.submit(LaneRig.request(1, 5, 3));
        rig.program().permit(1); // the first run may have begun before both were there
        rig.awaitRun(2);
        cancelled.pause();
        left.pause();
        rig.program().permit(1);
        assertThat(cancelled.end(GIVEN_UP)).isEqualTo(1);
        Await.until("its slot is free", () -> rig.lane().active() == 1);
        rig.close();
        assertThat(left.failure().orElseThrow().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(rig.work().awaitNone(Duration.ZERO)).isTrue();
    }

    @Test
    void valuesDoNotDependOnPausesAndCancelledNeighbours() throws Exception {
        byte[][] expected = new byte[6][];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = alone(i, 100 + i, 1);
        }
        Random random = new Random(4);
        for (int round = 0; round < 40; round++) {
            try (LaneRig rig = new LaneRig(1 + random.nextInt(5), 60, false, 1)) {
                List<GenerationTask> generations = new ArrayList<>();
                for (int i = 0; i < expected.length; i++) {
                    generations.add(rig.submit(LaneRig.request(i, 100 + i, 3)));
                }
                for (int act = 0; act < 60; act++) {
                    GenerationTask one = generations.get(random.nextInt(generations.size()));
                    switch (random.nextInt(5)) {
                        case 0, 1 -> one.pause();
                        case 2, 3 -> one.proceed();
                        default -> one.cancel(random.nextInt(3));
                    }
                }
                generations.forEach(GenerationTask::proceed);
                for (int i = 0; i < expected.length; i++) {
                    Await.end(generations.get(i));
                    ImageProgress image = generations.get(i).images().get(1);
                    assertThat(image.values(0, image.decided()))
                            .startsWith(Arrays.copyOf(expected[i], image.decided()));
                    boolean complete = image.result().orElseThrow().finishReason() == FinishReason.COMPLETE;
                    assertThat(image.decided() == LaneRig.STEPS || !complete).isTrue();
                }
                assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
            }
        }
    }
}
