package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The codes of an image and the image made of them are one generation, whichever part of it ends first. */
@Timeout(60)
class PriorTaskTest {
    private static final int STEPS = LaneRig.STEPS;

    private PriorRig rig;

    @BeforeEach
    void open() throws EngineException {
        rig = new PriorRig(1, 2);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void assertEndedAndGone(PriorTask task, Reason reason) throws InterruptedException {
        Await.until("the generation has ended", () -> task.failure().isPresent());
        assertThat(task.failure().orElseThrow().reason()).isEqualTo(reason);
        Await.until("the images have left", () -> rig.images().atHand() == 0);
        Await.until("the slot is free", () -> {
            rig.codes().program().permit(1); // the step that runs, or one that was begun before the lane was told
            return rig.codes().lane().active() == 0 && rig.codes().lane().waiting() == 0;
        });
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    private byte[] decode(byte[] codes) throws EngineException {
        return TinyLatents.get(rig.decode(Latent.Tokens.ofBytes(codes).codes())).get(0);
    }

    private static byte[] codes(PriorTask task) {
        return TinyEngine.drawn(task, 0);
    }

    private static CodeProgress progress(PriorTask task) {
        return task.images().get(0).codes().orElseThrow();
    }

    @Test
    void imageIsWhatTheDecoderMakesOfItsCodes() throws Exception {
        AtomicInteger told = new AtomicInteger();
        PriorTask task = rig.submit(LaneRig.request(3, 5, 1), told::incrementAndGet);
        rig.draw(task, 0, STEPS - 1);
        assertThat(task.images().get(0).decided()).isZero();
        rig.draw(task, 0, 1);
        Await.end(task);
        assertThat(TinyEngine.values(task, 0)).isEqualTo(decode(codes(task)));
        ImageResult result = task.images().get(0).result().orElseThrow();
        assertThat(result.sha256()).isEqualTo(Sha256.digest().digest(TinyEngine.values(task, 0)));
        assertThat(result.logLikelihoodNats()).isNegative();
        assertThat(result.firstPixelMicros()).isLessThanOrEqualTo(result.totalMicros());
        Await.until("it was told of every code and of the image", () -> told.get() >= STEPS + 1);
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void cancelEndsBothPartsAndFreesTheSlotAtTheNextStep() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2));
        rig.draw(task, 0, 3);
        task.cancel();
        task.cancel();
        assertThat(rig.images().atHand()).isZero();
        assertEndedAndGone(task, Reason.CANCELLED);
        assertThat(TinyEngine.drawn(task.images().get(0))).isLessThanOrEqualTo(4);
    }

    @Test
    void deadlineEndsBothParts() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2, System.nanoTime() + 300_000_000L));
        assertEndedAndGone(task, Reason.DEADLINE_EXCEEDED);
    }

    @Test
    void failureOfAStepEndsTheImages() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2));
        rig.codes().program().failNextRun();
        rig.codes().program().permit(1);
        assertEndedAndGone(task, Reason.INTERNAL);
    }

    @Test
    void failureOfTheDecoderEndsTheCodesOfTheOtherImages() throws Exception {
        int unknown = 77; // the codebook has 16
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2, unknown));
        rig.codes().program().permit(STEPS);
        assertEndedAndGone(task, Reason.INTERNAL);
        assertThat(task.images().get(1).result()).isEmpty();
    }

    @Test
    void endOfTheDecodeLaneEndsTheImages() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(1, 1, 1));
        Thread closer = new Thread(rig.codes().lane()::close);
        closer.start();
        // It waits for the step that is under way, if one is.
        Await.until("the lane is to end", () -> closer.getState() == Thread.State.WAITING || !closer.isAlive());
        rig.codes().program().permit(1);
        Await.end(task);
        closer.join();
        assertThat(task.failure().orElseThrow().reason()).isEqualTo(Reason.SHUTTING_DOWN);
        assertThat(rig.images().atHand()).isZero();
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void endOfTheOneShotLaneEndsTheCodes() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2));
        rig.images().close();
        assertEndedAndGone(task, Reason.SHUTTING_DOWN);
    }

    @Test
    void refusalOfTheDecodeLaneTakesNoRoomOfTheImages() throws Exception {
        rig.submit(LaneRig.request(1, 1, 3)); // a slot and all of the queue
        assertThatThrownBy(() -> rig.submit(LaneRig.request(1, 2, 1)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL));
        assertThat(rig.images().atHand()).isEqualTo(3);
    }

    @Test
    void imagesCountForTheDecoderOnlyOnceTheirCodesAreThere() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        rig.hold(hold);
        PriorTask task = rig.submit(LaneRig.request(1, 1, 2));
        assertThat(task.decodesLeft()).isZero();
        rig.draw(task, 0, STEPS);
        Await.until("its codes are there", () -> task.decodesLeft() == 1);
        hold.countDown();
        Await.until("it is decoded", () -> task.decodesLeft() == 0);
        rig.draw(task, 1, STEPS);
        Await.end(task);
        assertThat(task.failure()).isEmpty();
    }

    @Test
    void previewShowsTheCodesSoFarWithTheLastOneInPlaceOfTheRest() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(2, 9, 1));
        progress(task).askForPreview(); // before the first code there is nothing to show
        assertThat(rig.decoded()).isZero();
        rig.draw(task, 0, 5);
        progress(task).askForPreview();
        Await.until("the preview is there", () -> progress(task).preview().isPresent());
        CodeProgress.Preview preview = progress(task).preview().orElseThrow();
        byte[] shown = Arrays.copyOf(codes(task), STEPS);
        Arrays.fill(shown, 5, STEPS, shown[4]);
        assertThat(preview.decided()).isEqualTo(5);
        assertThat(preview.values()).isEqualTo(decode(shown));
        assertThat(task.images().get(0).decided()).isZero();
    }

    @Test
    void onePreviewIsMadeAtATimeAndItShowsTheNewestCodes() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(2, 9, 1));
        rig.draw(task, 0, 2);
        CountDownLatch hold = new CountDownLatch(1);
        rig.hold(hold);
        int before = rig.decoded();
        for (int i = 0; i < 5; i++) {
            progress(task).askForPreview(); // returns although the decoder is busy
            rig.draw(task, 0, 1); // and codes are drawn meanwhile
        }
        hold.countDown();
        Await.until("the preview is there", () -> progress(task).preview().isPresent());
        assertThat(progress(task).preview().orElseThrow().decided()).isEqualTo(7);
        TinyLatents.get(rig.decode(new int[STEPS])); // whatever waited before it is done
        assertThat(rig.decoded()).isBetween(before + 2, before + 3); // the one that held may be counted late
    }

    @Test
    void previewThatIsRefusedDoesNotHarmTheGeneration() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(2, 9, 1));
        rig.draw(task, 0, 2);
        rig.work().refuse(); // the server drains
        progress(task).askForPreview();
        rig.draw(task, 0, STEPS - 2);
        Await.end(task);
        assertThat(task.failure()).isEmpty();
        assertThat(progress(task).preview()).isEmpty();
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
    }

    @Test
    void cancelDropsThePreviewThatWaits() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(2, 9, 1));
        rig.draw(task, 0, 2);
        CountDownLatch hold = new CountDownLatch(1);
        rig.hold(hold);
        progress(task).askForPreview();
        task.cancel();
        rig.codes().program().permit(1);
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue(); // while the lane is still held
        hold.countDown();
        assertThat(progress(task).preview()).isEmpty();
    }

    @Test
    void drainWaitsUntilTheImageIsMade() throws Exception {
        PriorTask task = rig.submit(LaneRig.request(2, 9, 1));
        rig.work().refuse();
        assertThat(rig.work().awaitNone(Duration.ofMillis(20))).isFalse();
        rig.codes().program().permit(STEPS);
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        assertThat(task.images().get(0).result()).isPresent();
    }
}
