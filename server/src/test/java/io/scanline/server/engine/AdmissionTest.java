package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Arithmetic of admission: images of ten steps, a step of ten milliseconds. */
class AdmissionTest {
    private static final int STEPS = 10;
    private static final long STEP_NANOS = 10_000_000;
    private static final long NOW = 1000;

    private final WaitingLine<ImageTask> line =
            new WaitingLine<>(STEPS, new Scheduling(Map.of("twice", 2), 3, Integer.MAX_VALUE));

    private static Admission admission(int slots, int maxQueued) {
        return admission(slots, maxQueued, Integer.MAX_VALUE);
    }

    private static Admission admission(int slots, int maxQueued, int maxQueuedPerClient) {
        return new Admission(STEPS, maxQueued, maxQueuedPerClient, new StepTimes(slots, STEP_NANOS, STEP_NANOS));
    }

    private static CheckedRequest request(int count, long deadlineNanos) {
        return request(Precedence.ORDINARY, count, deadlineNanos);
    }

    private static CheckedRequest request(Precedence precedence, int count, long deadlineNanos) {
        return LaneRig.request(0, 1, count, Given.NOTHING, Optional.empty(), deadlineNanos, precedence);
    }

    private static Precedence of(String client) {
        return new Precedence(client, Priority.NORMAL);
    }

    private void waiting(Precedence precedence, int count) {
        for (int i = 0; i < count; i++) {
            line.add(precedence, null, STEPS);
        }
    }

    @Test
    void freeSlotMeansTheNextStep() throws Exception {
        Admission.Ticket ticket =
                admission(2, 4).admit(new long[] {0, 7}, line, request(1, Long.MAX_VALUE), 0, NOW);
        assertThat(ticket).isEqualTo(new Admission.Ticket(0, 100));
    }

    @Test
    void positionCountsWhoMustLeaveAndEtaCountsTheirSteps() throws Exception {
        waiting(Precedence.ORDINARY, 1);
        // Slots are free after 4 and 7 steps; the image that waits takes the first, ours the second.
        Admission.Ticket ticket =
                admission(2, 4).admit(new long[] {4, 7}, line, request(1, Long.MAX_VALUE), 0, NOW);
        assertThat(ticket).isEqualTo(new Admission.Ticket(2, 170));
    }

    @Test
    void anotherClientWaitsBehindOneOfThoseThatALongQueueHolds() throws Exception {
        waiting(of("many"), 20);
        // One slot, free after 4 steps: one of the many, then ours.
        assertThat(admission(1, 40).admit(new long[] {4}, line, request(of("few"), 1, Long.MAX_VALUE), 0, NOW))
                .isEqualTo(new Admission.Ticket(2, 240));
        // Its second image waits for one more of them.
        assertThat(admission(1, 40).admit(new long[] {4}, line, request(of("few"), 2, Long.MAX_VALUE), 0, NOW))
                .isEqualTo(new Admission.Ticket(2, 440));
        // Both in one turn where the client's weight is two.
        assertThat(admission(1, 40).admit(new long[] {4}, line, request(of("twice"), 2, Long.MAX_VALUE), 0, NOW))
                .isEqualTo(new Admission.Ticket(2, 340));
    }

    @Test
    void moreUrgentRequestsWaitForSlotsOnlyAndLessUrgentOnesForAllButTheBound() throws Exception {
        waiting(Precedence.ORDINARY, 8);
        Precedence high = new Precedence("", Priority.HIGH);
        assertThat(admission(1, 40).admit(new long[] {4}, line, request(high, 1, Long.MAX_VALUE), 0, NOW))
                .isEqualTo(new Admission.Ticket(1, 140));
        Precedence low = new Precedence("", Priority.LOW);
        // It is overtaken three times and no more.
        assertThat(admission(1, 40).admit(new long[] {4}, line, request(low, 1, Long.MAX_VALUE), 0, NOW))
                .isEqualTo(new Admission.Ticket(4, 440));
    }

    @Test
    void onlyStepsUpToTheLastDrawnValueCount() throws Exception {
        Given ends = Given.masked(new byte[STEPS], new byte[] {1, 0, 0, 1, 0, 0, 1, 1, 1, 1});
        CheckedRequest request = LaneRig.request(0, 1, 2, ends, Optional.empty(), Long.MAX_VALUE);
        assertThat(admission(1, 4).admit(new long[] {0}, line, request, 0, NOW).etaMillis()).isEqualTo(120);
    }

    @Test
    void roomIsForetoldByTheCompletionThatMakesIt() {
        waiting(Precedence.ORDINARY, 2);
        // Full: two in slots, two waiting. One more needs one completion, which comes after 4 steps.
        assertThatThrownBy(
                        () -> admission(2, 2).admit(new long[] {4, 7}, line, request(1, Long.MAX_VALUE), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(40));
                });
        // Three more need three completions: after 4, 7 and 4 + 10 steps.
        assertThatThrownBy(
                        () -> admission(2, 2).admit(new long[] {4, 7}, line, request(3, Long.MAX_VALUE), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.retryAfter()).contains(Duration.ofMillis(140)));
    }

    @Test
    void oneClientLeavesRoomForOthersAndIsToldWhenItsImagesStart() {
        CheckedRequest more = request(of("greedy"), 2, Long.MAX_VALUE);
        // Free slots do not count: three images, of which one would wait.
        assertThatThrownBy(() -> admission(2, 40, 0)
                        .admit(new long[] {0, 0}, line, request(of("greedy"), 3, Long.MAX_VALUE), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.CLIENT_QUEUE_FULL));
        // Two must start: the first after 4 steps, then one of another client, then the second after 24.
        waiting(of("greedy"), 3);
        waiting(of("modest"), 3);
        assertThatThrownBy(() -> admission(1, 40, 3).admit(new long[] {4}, line, more, 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.CLIENT_QUEUE_FULL);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(240));
                });
        assertThat(line.size()).isEqualTo(6); // foretelling leaves the line as it is
    }

    @Test
    void deadlineIsMetToTheNanosecondOrRefused() throws Exception {
        long needed = 14 * STEP_NANOS;
        assertThat(admission(1, 4).admit(new long[] {4}, line, request(1, NOW + needed), 0, NOW).etaMillis())
                .isEqualTo(140);
        assertThatThrownBy(
                        () -> admission(1, 4).admit(new long[] {4}, line, request(1, NOW + needed - 2_000_000), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(2));
                });
    }

    @Test
    void whatFollowsTheLastValueCountsTowardsTheDeadline() throws Exception {
        CheckedRequest request = request(1, NOW + 13 * STEP_NANOS);
        assertThat(admission(1, 4).admit(new long[] {0}, line, request, 3 * STEP_NANOS, NOW).etaMillis())
                .isEqualTo(130);
        assertThatThrownBy(() -> admission(1, 4).admit(new long[] {0}, line, request, 4 * STEP_NANOS, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                    assertThat(refused.retryAfter()).isEmpty(); // too long even without others
                });
    }

    private static CheckedRequest guided(int count) {
        return LaneRig.prompted(
                request(Precedence.ORDINARY, count, Long.MAX_VALUE), new CheckedPrompt(new int[] {1}, 0, 3));
    }

    @Test
    void guidedImageStartsWhenTwoSlotsAreFreeAndNobodyBehindItBefore() throws Exception {
        // Slots are free at once, after 4 and after 7 steps: it takes the first two, after 4 steps.
        long[] remaining = {0, 4, 7};
        assertThat(admission(3, 4).admit(remaining, line, guided(1), 0, NOW)).isEqualTo(new Admission.Ticket(1, 140));
        // The second one starts when the first is complete, after 14.
        assertThat(admission(3, 4).admit(remaining, line, guided(2), 0, NOW)).isEqualTo(new Admission.Ticket(1, 240));
        line.add(Precedence.ORDINARY, null, STEPS, 2);
        // One that needs one slot takes the third, which is free after 7 steps, although there is one that is free now.
        assertThat(admission(3, 4).admit(remaining, line, request(1, Long.MAX_VALUE), 0, NOW).etaMillis())
                .isEqualTo(170);
        assertThat(line.size()).isEqualTo(1);
        assertThat(line.rows()).isEqualTo(2);
    }

    @Test
    void roomIsCountedInSlotsOfTwo() throws Exception {
        assertThat(admission(5, 1).admit(new long[5], line, guided(3), 0, NOW)).isEqualTo(new Admission.Ticket(0, 200));
        assertThatThrownBy(() -> admission(5, 1).admit(new long[] {0, 0, 0, 6, 6}, line, guided(3), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(60)); // when the one there is complete
                });
    }

    @Test
    void clientPaysForBothSlots() {
        WaitingLine<String> turns = new WaitingLine<>(2 * STEPS, Scheduling.equal());
        for (int i = 0; i < 2; i++) {
            turns.add(of("guided"), "guided", STEPS, 2);
            turns.add(of("guided"), "guided", STEPS, 2);
            turns.add(of("plain"), "plain", STEPS, 1);
            turns.add(of("plain"), "plain", STEPS, 1);
        }
        StringBuilder order = new StringBuilder();
        while (!turns.isEmpty()) {
            String next = turns.peek().item();
            assertThat(turns.poll().item()).isEqualTo(next);
            order.append(next.charAt(0));
        }
        assertThat(order).hasToString("gppgppgg");
    }

    @Test
    void measuredStepTimesFollowTheMachineButNotItsHiccups() {
        StepTimes times = new StepTimes(4, 100, 400);
        assertThat(new long[] {times.nanos(1), times.nanos(2), times.nanos(3), times.nanos(4)})
                .containsExactly(100, 200, 300, 400);
        times.record(2, 1_000_000);
        assertThat(times.nanos(2)).isLessThan(250);
        for (int i = 0; i < 500; i++) {
            times.record(2, 1000);
        }
        assertThat(times.nanos(2)).isBetween(900L, 1000L);
        assertThat(times.nanos(3)).isEqualTo(300);
    }
}
