package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who gets a slot when it falls free: one slot, runs of the model wait for permits, and a class stands for a client. */
@Timeout(30)
class LaneOrderTest {
    private static final long ONE_SECOND = 1_000_000_000L;
    private static final long IMAGE_MILLIS = LaneRig.STEPS * 1000L;

    private static LaneRig rig(Scheduling scheduling) {
        return new LaneRig(1, 64, scheduling, true, ONE_SECOND);
    }

    /** Classes of the images in the order in which they were made. */
    private static List<Long> made(LaneRig rig, int images) {
        rig.program().permit(images * LaneRig.STEPS);
        rig.awaitRun(images * LaneRig.STEPS);
        List<Long> order = new ArrayList<>();
        for (int image = 0; image < images; image++) {
            order.add(rig.program().labelsOfRuns().get(image * LaneRig.STEPS).get(0));
        }
        return order;
    }

    private static CheckedRequest normal(int client, int count) {
        return LaneRig.request("client-" + client, Priority.NORMAL, client, count);
    }

    @Test
    void clientsShareTheSlotByTheirWeights() throws Exception {
        try (LaneRig rig = rig(new Scheduling(Map.of("client-2", 2), 8, 64))) {
            rig.submit(normal(0, 1));
            rig.awaitRun(1);
            rig.submit(normal(1, 5));
            rig.submit(normal(2, 4));
            assertThat(made(rig, 10)).containsExactly(0L, 1L, 2L, 2L, 1L, 2L, 2L, 1L, 1L, 1L);
        }
    }

    @Test
    void urgentRequestsAreServedFirstAndNeverTakeASlotAway() throws Exception {
        try (LaneRig rig = rig(new Scheduling(Map.of(), 2, 64))) {
            rig.submit(LaneRig.request("a", Priority.LOW, 0, 1));
            rig.awaitRun(1);
            rig.submit(LaneRig.request("a", Priority.LOW, 1, 1));
            rig.submit(LaneRig.request("a", Priority.NORMAL, 2, 1));
            rig.submit(LaneRig.request("b", Priority.HIGH, 3, 4));
            // Two may overtake; then the least urgent has its turn, then the next one.
            assertThat(made(rig, 7)).containsExactly(0L, 3L, 3L, 1L, 2L, 3L, 3L);
        }
    }

    @Test
    void stepsThatACancelledImageDidNotTakeAreNotItsClientsLoss() throws Exception {
        try (LaneRig rig = new LaneRig(2, 64, new Scheduling(Map.of(), 8, 64), true, ONE_SECOND)) {
            GenerationTask cancelled = rig.submit(normal(1, 2));
            rig.awaitRun(1);
            rig.submit(normal(1, 4));
            rig.submit(normal(2, 2));
            cancelled.cancel();
            rig.program().permit(1 + LaneRig.STEPS);
            rig.awaitRun(2 + LaneRig.STEPS);
            // Eleven steps of each image were not taken, so that the turn of client 1 pays for two images.
            assertThat(rig.program().labelsOfRuns().get(1)).containsExactly(1L, 1L);
            assertThat(rig.program().labelsOfRuns().get(1 + LaneRig.STEPS)).containsExactly(2L, 1L);
        }
    }

    @Test
    void imageThatIsHalfGivenCostsItsClientHalf() throws Exception {
        int half = LaneRig.STEPS / 2;
        byte[] mask = new byte[LaneRig.STEPS];
        Arrays.fill(mask, half, LaneRig.STEPS, (byte) 1);
        Given end = Given.masked(new byte[LaneRig.STEPS], mask);
        try (LaneRig rig = rig(new Scheduling(Map.of(), 8, 64))) {
            rig.submit(normal(0, 1));
            rig.awaitRun(1);
            rig.submit(LaneRig.request(1, 1, 4, end, Optional.empty(), Long.MAX_VALUE,
                    new Precedence("client-1", Priority.NORMAL)));
            GenerationTask asked = rig.submit(normal(2, 2));
            assertThat(asked.etaMillis()).isEqualTo((3 * LaneRig.STEPS + 4 * half) * 1000L);
            rig.program().permit(3 * LaneRig.STEPS + 4 * half);
            rig.awaitRun(3 * LaneRig.STEPS + 4 * half);
            List<List<Long>> runs = rig.program().labelsOfRuns();
            assertThat(IntStream.of(0, 12, 18, 24, 36, 42, 48).mapToObj(run -> runs.get(run).get(0)))
                    .containsExactly(0L, 1L, 1L, 2L, 1L, 1L, 2L);
        }
    }

    @Test
    void standingFollowsTheLineUntilTheFirstImageStarts() throws Exception {
        try (LaneRig rig = rig(new Scheduling(Map.of(), 8, 64))) {
            GenerationTask first = rig.submit(normal(0, 1));
            rig.awaitRun(1);
            assertThat(first.waiting()).isEmpty();
            GenerationTask second = rig.submit(normal(1, 1));
            GenerationTask third = rig.submit(normal(2, 2));
            assertThat(third.waiting()).contains(new Standing(2, 4 * IMAGE_MILLIS));
            assertThat(third.waiting().orElseThrow())
                    .isEqualTo(new Standing(third.queuePosition(), third.etaMillis()));

            rig.submit(LaneRig.request("b", Priority.HIGH, 3, 1));
            assertThat(third.waiting()).contains(new Standing(3, 5 * IMAGE_MILLIS));
            second.cancel();
            assertThat(second.waiting()).isEmpty();
            assertThat(third.waiting()).contains(new Standing(2, 4 * IMAGE_MILLIS));

            rig.program().permit(2 * LaneRig.STEPS);
            rig.awaitRun(1 + 2 * LaneRig.STEPS);
            assertThat(third.waiting()).isEmpty(); // its first image has the slot, though the second waits
        }
    }

    @Test
    void etaIsExactForThoseWhoAreThere() throws Exception {
        try (LaneRig rig = rig(new Scheduling(Map.of("client-3", 3), 2, 64))) {
            rig.submit(normal(0, 1));
            rig.awaitRun(1);
            rig.submit(normal(1, 3));
            rig.submit(LaneRig.request("low", Priority.LOW, 2, 2));
            GenerationTask asked = rig.submit(normal(3, 4));
            List<Long> order = made(rig, 10);
            int last = order.lastIndexOf(3L);
            assertThat(asked.etaMillis()).isEqualTo((last + 1) * IMAGE_MILLIS);
            assertThat(asked.queuePosition()).isEqualTo(order.indexOf(3L));
        }
    }

    @Test
    void oneClientLeavesRoomForOthers() throws Exception {
        try (LaneRig rig = rig(new Scheduling(Map.of(), 8, 3))) {
            rig.submit(normal(0, 1));
            rig.awaitRun(1);
            rig.submit(normal(1, 3));
            assertThatThrownBy(() -> rig.submit(normal(1, 1)))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.CLIENT_QUEUE_FULL);
                        // Its first image starts when the one in the slot is complete.
                        assertThat(refused.retryAfter()).contains(Duration.ofMillis(IMAGE_MILLIS));
                    });
            rig.submit(normal(2, 3));
        }
    }
}
