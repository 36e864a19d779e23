package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who has a slot, who waits and who is refused. */
@Timeout(60)
class CaptionLaneTest {
    private static CheckedCaption caption(String client, long deadlineNanos) {
        return new CheckedCaption(
                new SamplingOptions(0, 0, 1), 0, TinyCaptions.MOST, deadlineNanos,
                new Precedence(client, Priority.NORMAL));
    }

    private static CheckedCaption caption() {
        return caption("", Long.MAX_VALUE);
    }

    private static void assertEnded(Caption caption, Reason reason) {
        assertThat(caption.failure().orElseThrow().reason()).isEqualTo(reason);
        assertThat(caption.result()).isEmpty();
    }

    @Test
    void cancelFreesTheSlotAtTheNextStep() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionRig.Hold hold = rig.new Hold(2);
            CaptionTask first = hold.submit(caption());
            CaptionTask second = rig.submit(caption(), () -> {});
            assertThat(second.queuePosition()).hasValue(0);
            first.cancel();
            assertEnded(first, Reason.CANCELLED);
            hold.release();
            TinyCaptions.end(second);
            assertThat(second.result()).isPresent();
            assertThat(first.tokens()).isEqualTo(2);
        }
    }

    @Test
    void waitingCaptionThatIsCancelledLeavesTheLineAtOnce() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionRig.Hold hold = rig.new Hold(1);
            CaptionTask first = hold.submit(caption());
            CaptionTask second = rig.submit(caption(), () -> {});
            CaptionTask third = rig.submit(caption(), () -> {});
            assertThat(third.queuePosition()).hasValue(1);
            assertThat(rig.lane.waiting()).isEqualTo(2);
            second.cancel();
            assertThat(rig.lane.waiting()).isEqualTo(1);
            assertEnded(second, Reason.CANCELLED);
            hold.release();
            assertThat(TinyCaptions.end(third).result()).isEqualTo(third.result()).isPresent();
            assertThat(TinyCaptions.end(first).result()).isPresent();
        }
    }

    @Test
    void deadlineFreesTheSlotAtTheNextStep() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionRig.Hold hold = rig.new Hold(1);
            long deadline = System.nanoTime() + 2_000_000_000L;
            CaptionTask late = hold.submit(caption("", deadline));
            CaptionTask waits = rig.submit(caption("", deadline), () -> {});
            CaptionTask next = rig.submit(caption(), () -> {});
            Await.until("the deadline has passed", () -> System.nanoTime() - deadline > 0);
            hold.release();
            assertThat(TinyCaptions.end(next).result()).isPresent();
            assertEnded(late, Reason.DEADLINE_EXCEEDED);
            assertEnded(waits, Reason.DEADLINE_EXCEEDED);
            assertThat(late.tokens()).isEqualTo(1);
        }
    }

    @Test
    void fullQueueIsRefusedWithATimeToTryAgain() throws Exception {
        try (CaptionRig rig = new CaptionRig(1, 2, 1, 128)) {
            CaptionRig.Hold hold = rig.new Hold(1);
            CaptionTask runs = hold.submit(caption("one", Long.MAX_VALUE));
            CaptionTask waits = rig.submit(caption("one", Long.MAX_VALUE), () -> {});
            assertThatThrownBy(() -> rig.lane.submit(caption("one", Long.MAX_VALUE), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.CLIENT_QUEUE_FULL);
                        assertThat(refused.retryAfter().orElseThrow()).isPositive();
                    });
            // Whose picture takes its time.
            CaptionTask other = rig.lane.submit(caption("two", Long.MAX_VALUE), () -> {});
            assertThatThrownBy(() -> rig.lane.submit(caption("three", Long.MAX_VALUE), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .satisfies(refused -> {
                        assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL);
                        assertThat(refused.retryAfter().orElseThrow()).isPositive();
                    });
            assertThat(other.queuePosition()).isEmpty();
            other.cancel();
            assertThat(rig.submit(caption("three", Long.MAX_VALUE), () -> {}).queuePosition()).hasValue(1);
            hold.release();
            assertThat(TinyCaptions.end(runs).result()).isPresent();
            assertThat(TinyCaptions.end(waits).result()).isPresent();
        }
    }

    @Test
    void pictureThatIsReadyTooLateTakesNoSlot() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionTask gone = rig.lane.submit(caption(), () -> {});
            gone.cancel();
            rig.lane.ready(gone, CaptionRig.IMAGE);
            assertThat(rig.lane.waiting()).isZero();
            assertThat(gone.queuePosition()).isEmpty();
            assertThat(rig.work.awaitNone(Duration.ofSeconds(1))).isTrue();
        }
    }

    /** Submits a caption that adds itself to a list once it has ended. */
    private static CaptionTask submit(CaptionRig rig, CheckedCaption request, List<CaptionTask> ended)
            throws EngineException {
        AtomicReference<CaptionTask> caption = new AtomicReference<>();
        caption.set(rig.submit(request, () -> {
            if (caption.get() != null && caption.get().result().isPresent()) {
                ended.add(caption.get());
            }
        }));
        return caption.get();
    }

    @Test
    void clientsTakeTurns() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionRig.Hold hold = rig.new Hold(1);
            hold.submit(caption("greedy", Long.MAX_VALUE));
            List<CaptionTask> ended = new CopyOnWriteArrayList<>(); // in the order in which they did
            for (int i = 0; i < 4; i++) {
                submit(rig, caption("greedy", Long.MAX_VALUE), ended);
            }
            CaptionTask modest = submit(rig, caption("modest", Long.MAX_VALUE), ended);
            assertThat(modest.queuePosition().getAsInt()).isLessThan(2);
            hold.release();
            Await.until("all have ended", () -> ended.size() == 5);
            assertThat(ended.indexOf(modest)).isLessThan(2);
        }
    }

    @Test
    void shutdownEndsAllThatIsAtHand() throws Exception {
        List<CaptionTask> captions = new ArrayList<>();
        CaptionRig rig = new CaptionRig(1);
        CaptionRig.Hold hold = rig.new Hold(1);
        captions.add(hold.submit(caption()));
        captions.add(rig.submit(caption(), () -> {}));
        captions.add(rig.lane.submit(caption(), () -> {})); // whose picture takes its time
        Thread closer = new Thread(rig::close);
        closer.start();
        Await.until("new work is refused", () -> {
            try {
                captions.add(rig.lane.submit(caption(), () -> {}));
                return false;
            } catch (EngineException refused) {
                return refused.reason() == Reason.SHUTTING_DOWN;
            }
        });
        hold.release();
        closer.join(20_000);
        assertThat(closer.isAlive()).isFalse();
        captions.forEach(caption -> assertEnded(caption, Reason.SHUTTING_DOWN));
        assertThat(rig.work.awaitNone(Duration.ofSeconds(1))).isTrue();
    }

    @Test
    void drainWaitsForCaptionsAtHandAndRefusesOthers() throws Exception {
        try (CaptionRig rig = new CaptionRig(1)) {
            CaptionRig.Hold hold = rig.new Hold(1);
            CaptionTask first = hold.submit(caption());
            rig.work.refuse();
            assertThatThrownBy(() -> rig.lane.submit(caption(), () -> {}))
                    .asInstanceOf(type(EngineException.class))
                    .extracting(EngineException::reason)
                    .isEqualTo(Reason.SHUTTING_DOWN);
            assertThat(rig.work.awaitNone(Duration.ofMillis(1))).isFalse();
            hold.release();
            assertThat(rig.work.awaitNone(Duration.ofSeconds(20))).isTrue();
            assertThat(first.result()).isPresent();
        }
    }

    @Test
    void listenerThatThrowsHarmsNobody() throws Exception {
        try (CaptionRig rig = new CaptionRig(2)) {
            CaptionTask thrower = rig.submit(caption(), () -> {
                throw new IllegalStateException("a listener's own fault");
            });
            CaptionTask mate = rig.submit(caption(), () -> {});
            assertThat(TinyCaptions.end(thrower).result()).isPresent();
            assertThat(TinyCaptions.end(mate).result()).isPresent();
        }
    }

    /** Beginnings in pieces are as likely as beginnings at once, and are moved together with their slots. */
    @Test
    void imageInPiecesSaysTheSame() throws Exception {
        double expected;
        String text;
        try (CaptionRig rig = new CaptionRig(1)) {
            Caption.Result whole =
                    TinyCaptions.end(rig.submit(caption(), () -> {})).result().orElseThrow();
            expected = whole.logLikelihoodNats();
            text = whole.text();
        }
        try (CaptionRig rig = new CaptionRig(3, 64, 64, 2)) {
            String bits = TinyCaptions.bits(TinyCaptions.end(rig.submit(caption(), () -> {})));
            List<CaptionTask> captions = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                captions.add(rig.submit(caption(), () -> {}));
                if (i % 4 == 1) {
                    captions.get(i - 1).cancel();
                }
            }
            for (CaptionTask caption : captions) {
                TinyCaptions.end(caption);
                if (caption.failure().isEmpty()) {
                    assertThat(TinyCaptions.bits(caption)).isEqualTo(bits);
                    assertThat(caption.result().orElseThrow().text()).isEqualTo(text);
                    assertThat(caption.result().orElseThrow().logLikelihoodNats()).isCloseTo(expected, within(1e-4));
                }
            }
        }
    }
}
