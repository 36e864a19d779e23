package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.server.runtime.Device;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Images that draw texts, with guidance and without, beside each other in the slots of one lane. */
class GuidedLaneTest {
    private static LoadedPrompts prompts;

    @BeforeContainer
    static void load() throws Exception {
        prompts = LoadedPrompts.load(TinyBundle.verified(TinyBundle.TEXT), Device.CPU);
    }

    @AfterContainer
    static void close() {
        prompts.close();
    }

    private static CheckedPrompt prompt(String text, float guidance) {
        int[] ids = prompts.reader().ids(text);
        return new CheckedPrompt(ids, prompts.reader().unknown(ids), guidance);
    }

    private static CheckedRequest request(int seed, int count, String text, float guidance, int... prefix) {
        return LaneRig.prompted(LaneRig.request(0, seed, count, prefix), prompt(text, guidance));
    }

    private static void assertMade(LaneRig rig, GenerationTask task) throws GraphException {
        assertThat(task.failure()).isEmpty();
        for (ImageTask image : task.tasks()) {
            SequentialImage expected = rig.expectedOfText(task.request(), image.index());
            assertThat(image.values(0, LaneRig.STEPS)).isEqualTo(expected.values());
            assertThat(image.result().orElseThrow().logLikelihoodNats())
                    .isCloseTo(expected.logLikelihood(LaneRig.STEPS), within(1e-9));
        }
    }

    /**
     * One request and what becomes of it.
     *
     * @param guidance index into those tried; the first is 1
     * @param submitAt step before which it comes
     * @param pauseAt step before which it is paused, 0: never; it proceeds three steps later
     * @param cancelAt step before which its first image is cancelled; 0: never
     */
    record Visit(int guidance, int text, int count, int submitAt, int pauseAt, int cancelAt, int given) {
        private static final float[] GUIDANCES = {1, 0, 3, 7.5f, 1.5f};
        private static final String[] TEXTS = {"", "a red cat", "blue dog on the moon", "zebra"};

        CheckedRequest request(int seed) {
            int[] prefix = new int[given];
            return GuidedLaneTest.request(seed, count, TEXTS[text], GUIDANCES[guidance], prefix);
        }
    }

    @Provide
    Arbitrary<List<Visit>> visits() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 4),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, 20),
                        Arbitraries.integers().between(0, LaneRig.STEPS))
                .as(Visit::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(12);
    }

    @Property(tries = 60)
    void everyImageIsAsAloneWhoeverComesRestsAndLeaves(
            @ForAll("visits") List<Visit> visits, @ForAll("slots") int slots) throws Exception {
        try (LaneRig rig = LaneRig.reading(slots, 100, true, prompts)) {
            GenerationTask[] tasks = new GenerationTask[visits.size()];
            for (int step = 0; step <= 24; step++) {
                for (int i = 0; i < tasks.length; i++) {
                    Visit visit = visits.get(i);
                    if (visit.submitAt() == step) {
                        tasks[i] = rig.submit(visit.request(i));
                    } else if (tasks[i] != null) {
                        if (visit.pauseAt() == step) {
                            tasks[i].pause();
                        }
                        if (visit.pauseAt() + 3 == step) {
                            tasks[i].proceed();
                        }
                        if (visit.cancelAt() == step) {
                            tasks[i].cancel(0);
                        }
                    }
                }
                rig.program().permit(1);
            }
            rig.program().permit(1_000_000);
            for (GenerationTask task : tasks) {
                task.proceed(); // all before one is awaited: who is paused keeps slots that another waits for
            }
            for (GenerationTask task : tasks) {
                Await.end(task);
                assertThat(task.failure()).isEmpty();
                for (ImageTask image : task.tasks()) {
                    SequentialImage expected = rig.expectedOfText(task.request(), image.index());
                    int decided = image.decided();
                    byte[] begun = Arrays.copyOf(expected.values(), decided);
                    assertThat(image.values(0, decided)).isEqualTo(begun);
                    boolean complete = image.result().orElseThrow().finishReason() == FinishReason.COMPLETE;
                    assertThat(complete || image.index() == 0).isTrue();
                }
            }
            Await.until("all slots are free", () -> rig.lane().active() == 0 && rig.lane().waiting() == 0);
        }
    }

    @Provide
    Arbitrary<Integer> slots() {
        return Arbitraries.integers().between(2, 7);
    }

    @Example
    void guidedImageTakesTwoSlotsInEveryRun() throws Exception {
        try (LaneRig rig = LaneRig.reading(4, 10, false, prompts)) {
            GenerationTask task = rig.submit(request(5, 1, "a red cat", 3));
            Await.end(task);
            assertMade(rig, task);
            assertThat(rig.program().labelsOfRuns()).hasSize(LaneRig.STEPS).allMatch(labels -> labels.size() == 2);
        }
    }

    @Example
    void imageWithoutGuidanceTakesOneSlot() throws Exception {
        try (LaneRig rig = LaneRig.reading(4, 10, false, prompts)) {
            GenerationTask task = rig.submit(request(5, 1, "a red cat", 1));
            Await.end(task);
            assertMade(rig, task);
            assertThat(rig.program().labelsOfRuns()).allMatch(labels -> labels.size() == 1);
        }
    }

    @Example
    void pairWaitsForASecondSlotAndNobodyPassesIt() throws Exception {
        try (LaneRig rig = LaneRig.reading(3, 10, true, prompts)) {
            GenerationTask first = rig.submit(request(1, 1, "cat", 2));
            rig.awaitRun(1);
            GenerationTask second = rig.submit(request(2, 1, "dog", 2));
            GenerationTask third = rig.submit(request(3, 1, "sun", 1));
            assertThat(second.queuePosition()).isEqualTo(1);
            Await.until("their texts are read", () -> second.condition() != null && third.condition() != null);
            rig.program().permit(LaneRig.STEPS);
            rig.awaitRun(LaneRig.STEPS + 1);
            assertThat(rig.program().labelsOfRuns().subList(0, LaneRig.STEPS)).allMatch(labels -> labels.size() == 2);
            assertThat(rig.program().labelsOfRuns().get(LaneRig.STEPS)).hasSize(3);
            rig.program().permit(1000);
            for (GenerationTask task : List.of(first, second, third)) {
                Await.end(task);
                assertMade(rig, task);
            }
        }
    }

    @Example
    void imagesGoOnWhileATextIsRead() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (LaneRig rig = LaneRig.reading(4, 10, true, prompts)) {
            GenerationTask early = rig.submit(request(1, 1, "cat", 3));
            rig.awaitRun(1);
            rig.promptLane().read(new int[] {2, 3}, new Blocking(reading, go));
            assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();
            GenerationTask late = rig.submit(request(2, 1, "dog", 3));
            rig.program().permit(5);
            rig.awaitRun(6);
            assertThat(early.tasks().get(0).decided()).isEqualTo(5);
            assertThat(late.tasks().get(0).decided()).isZero();
            go.countDown();
            rig.program().permit(1000);
            for (GenerationTask task : List.of(early, late)) {
                Await.end(task);
                assertMade(rig, task);
            }
        } finally {
            go.countDown();
        }
    }

    /** Keeps texts from being read. */
    private record Blocking(CountDownLatch reading, CountDownLatch go) implements PromptLane.Reader {
        @Override
        public boolean waits() {
            reading.countDown();
            try {
                return !go.await(20, TimeUnit.SECONDS);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        @Override
        public void read(float[] condition) {}

        @Override
        public void failed(EngineException why) {}
    }

    @Example
    void cancelledWhileItsTextIsReadItFreesItsSlots() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (LaneRig rig = LaneRig.reading(2, 10, false, prompts)) {
            rig.promptLane().read(new int[] {2, 3}, new Blocking(reading, go));
            GenerationTask unread = rig.submit(request(2, 1, "dog", 3));
            Await.until("it has its slots", () -> rig.lane().active() == 2);
            unread.cancel();
            Await.until("its slots are free", () -> rig.lane().active() == 0);
            assertThat(unread.failure()).map(EngineException::reason).contains(Reason.CANCELLED);
            go.countDown();
            GenerationTask next = rig.submit(request(3, 1, "cat", 3));
            Await.end(next);
            assertMade(rig, next);
        } finally {
            go.countDown();
        }
    }

    @Example
    void logitsThatAreNoNumbersEndTheGuidedImageAlone() throws Exception {
        try (LaneRig rig = LaneRig.reading(4, 10, true, prompts)) {
            CheckedRequest bad = LaneRig.prompted(LaneRig.request(7, 1, 1), prompt("cat", 3));
            rig.program().answerNoNumbersFor(7);
            GenerationTask failing = rig.submit(bad);
            GenerationTask fine = rig.submit(request(2, 1, "dog", 3));
            rig.program().permit(1000);
            Await.end(failing);
            Await.end(fine);
            assertThat(failing.failure()).map(EngineException::reason).contains(Reason.INTERNAL);
            assertMade(rig, fine);
        }
    }

    @Example
    void bestOfKeepsTheLikeliestUnderThePromptAlone() throws Exception {
        try (LaneRig rig = LaneRig.reading(5, 10, false, prompts)) {
            CheckedRequest race = LaneRig.prompted(
                    LaneRig.request(0, 9, 4, Given.NOTHING, Optional.of(new BestOf(1, 1000)), Long.MAX_VALUE),
                    prompt("a red cat", 4));
            GenerationTask task = rig.submit(race);
            Await.end(task);
            List<Double> likelihoods = new ArrayList<>();
            int kept = -1;
            for (ImageTask image : task.tasks()) {
                likelihoods.add(rig.expectedOfText(race, image.index()).logLikelihood(LaneRig.STEPS));
                if (image.result().orElseThrow().finishReason() == FinishReason.COMPLETE) {
                    kept = image.index();
                }
            }
            double best = likelihoods.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
            assertThat(likelihoods.get(kept)).isEqualTo(best);
        }
    }

    @Example
    void roomAndTimeAreCountedInSlots() throws Exception {
        try (LaneRig rig = LaneRig.reading(4, 1, true, prompts)) {
            rig.submit(request(1, 2, "cat", 2));
            rig.awaitRun(1);
            GenerationTask waiting = rig.submit(request(2, 1, "dog", 2));
            assertThat(waiting.queuePosition()).isEqualTo(1);
            assertThatThrownBy(() -> rig.submit(request(3, 1, "sun", 1)))
                    .isInstanceOfSatisfying(EngineException.class,
                            refused -> assertThat(refused.reason()).isEqualTo(Reason.QUEUE_FULL));
        }
    }
}
