package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Arithmetic of admission: images of ten steps, a step of ten milliseconds. */
class AdmissionTest {
    private static final int STEPS = 10;
    private static final long STEP_NANOS = 10_000_000;
    private static final long NOW = 1000;

    private static Admission admission(int slots, int maxQueued) {
        return new Admission(STEPS, maxQueued, new StepTimes(slots, STEP_NANOS, STEP_NANOS));
    }

    private static CheckedRequest request(int count, long deadlineNanos) {
        return LaneRig.request(0, 1, count, deadlineNanos);
    }

    @Test
    void freeSlotMeansTheNextStep() throws Exception {
        Admission.Ticket ticket =
                admission(2, 4).admit(new long[] {0, 7}, 0, request(1, Long.MAX_VALUE), 0, NOW);
        assertThat(ticket).isEqualTo(new Admission.Ticket(0, 100));
    }

    @Test
    void positionCountsWhoMustLeaveAndEtaCountsTheirSteps() throws Exception {
        // Slots are free after 4 and 7 steps; the image that waits takes the first, ours the second.
        Admission.Ticket ticket =
                admission(2, 4).admit(new long[] {4, 7}, 1, request(1, Long.MAX_VALUE), 0, NOW);
        assertThat(ticket).isEqualTo(new Admission.Ticket(2, 170));
    }

    @Test
    void onlyStepsUpToTheLastDrawnValueCount() throws Exception {
        Given ends = Given.masked(new byte[STEPS], new byte[] {1, 0, 0, 1, 0, 0, 1, 1, 1, 1});
        CheckedRequest request = LaneRig.request(0, 1, 2, ends, Optional.empty(), Long.MAX_VALUE);
        assertThat(admission(1, 4).admit(new long[] {0}, 0, request, 0, NOW).etaMillis()).isEqualTo(120);
    }

    @Test
    void roomIsForetoldByTheCompletionThatMakesIt() {
        // Full: two in slots, two waiting. One more needs one completion, which comes after 4 steps.
        assertThatThrownBy(
                        () -> admission(2, 2).admit(new long[] {4, 7}, 2, request(1, Long.MAX_VALUE), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(40));
                });
        // Three more need three completions: after 4, 7 and 4 + 10 steps.
        assertThatThrownBy(
                        () -> admission(2, 2).admit(new long[] {4, 7}, 2, request(3, Long.MAX_VALUE), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.retryAfter()).contains(Duration.ofMillis(140)));
    }

    @Test
    void deadlineIsMetToTheNanosecondOrRefused() throws Exception {
        long needed = 14 * STEP_NANOS;
        assertThat(admission(1, 4).admit(new long[] {4}, 0, request(1, NOW + needed), 0, NOW).etaMillis())
                .isEqualTo(140);
        assertThatThrownBy(() -> admission(1, 4).admit(new long[] {4}, 0, request(1, NOW + needed - 2_000_000), 0, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                    assertThat(refused.retryAfter()).contains(Duration.ofMillis(2));
                });
    }

    @Test
    void whatFollowsTheLastValueCountsTowardsTheDeadline() throws Exception {
        CheckedRequest request = request(1, NOW + 13 * STEP_NANOS);
        assertThat(admission(1, 4).admit(new long[] {0}, 0, request, 3 * STEP_NANOS, NOW).etaMillis()).isEqualTo(130);
        assertThatThrownBy(() -> admission(1, 4).admit(new long[] {0}, 0, request, 4 * STEP_NANOS, NOW))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_UNREACHABLE);
                    assertThat(refused.retryAfter()).isEmpty(); // too long even without others
                });
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
