package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.contract.CounterRandom;
import io.scanline.server.runtime.Device;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A lane whose runs decide five values of every image: what ends, joins and rests does so between two chunks. */
@Timeout(60)
class ChunkLaneTest {
    private static final int SPAN = 5; // of 12 values: chunks of 5, 5 and 2
    private static final int STEPS = LaneRig.STEPS;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final OpenWork work = new OpenWork();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private LoadedPrompts prompts; // null: there are no texts
    private HistoryChunks program;
    private DecodeLane lane;

    @BeforeEach
    void none() {
        prompts = null;
    }

    @AfterEach
    void close() throws Exception {
        program.permit(1_000_000);
        lane.close();
        for (int i = opened.size() - 1; i >= 0; i--) {
            opened.get(i).close();
        }
    }

    private void open(int slots, boolean gated) throws GraphException {
        int size = prompts == null ? 0 : prompts.empty().length;
        PromptLane reading = prompts == null ? null : new PromptLane(prompts, "rig");
        if (reading != null) {
            opened.add(reading);
        }
        program = new HistoryChunks(slots + 1, SPAN, STEPS, LaneRig.LEVELS, size, gated);
        ValueGrid grid = ValueGrid.drawn(LaneRig.BUNDLE);
        ModelInfo info = new ModelInfo("rig", "1", Optional.of(LaneRig.BUNDLE), "sha256:00", Optional.empty(), slots);
        lane = new DecodeLane(
                info, new ChunkDecoder(program, new ChunkFeed(grid), grid.levels()), new StepTimes(slots, 1, 1), 64,
                Scheduling.equal(), new ModelMetrics(meters, "rig", "1"), work, reading);
        lane.start();
    }

    private GenerationTask submit(CheckedRequest request) throws EngineException {
        return lane.submit(request, () -> {});
    }

    private void awaitRun(int number) {
        Await.until("run " + number + " is begun", () -> program.firstOfRuns().size() >= number);
    }

    /** The values of an image that is made alone, and the sum of their log-probabilities. */
    private record Alone(byte[] values, double logLikelihood) {}

    private Alone alone(CheckedRequest request, int index) throws GraphException {
        HistoryChunks single = new HistoryChunks(2, SPAN, STEPS, LaneRig.LEVELS, condition(request).length, false);
        int rows = request.rows();
        single.condition().put(0, condition(request));
        if (rows == 2) {
            single.condition().put(condition(request).length, prompts.empty());
        }
        ChunkFeed feed = new ChunkFeed(ValueGrid.drawn(LaneRig.BUNDLE));
        byte[] values = request.given().image(STEPS);
        double sum = 0;
        for (int from = 0; from < STEPS; from += SPAN) {
            for (int row = 0; row < rows; row++) {
                single.label()[row] = request.label();
                feed.show(single, row, values, from, new ChunkFeed.Values() {
                    @Override
                    public boolean given(int position) {
                        return request.given().at(position);
                    }

                    @Override
                    public double uniform(int position) {
                        return CounterRandom.uniform(request.seed(), index, position, 0);
                    }
                });
                feed.sample(single, row, request.sampling());
                feed.guide(single, row, row == 1, rows - 1 - row,
                        request.prompt().map(CheckedPrompt::guidance).orElse(1f));
            }
            single.run(rows);
            for (int i = 0; i < SPAN && from + i < STEPS; i++) {
                if (!request.given().at(from + i)) {
                    values[from + i] = (byte) single.drawn()[i];
                    sum += single.logProbability()[i];
                }
            }
        }
        return new Alone(values, sum);
    }

    private float[] condition(CheckedRequest request) throws GraphException {
        if (request.prompt().isEmpty()) {
            return new float[0];
        }
        try (TextConditioner conditioner = prompts.newConditioner()) {
            return conditioner.condition(request.prompt().get().ids());
        }
    }

    private void assertAsAlone(GenerationTask task) throws GraphException {
        assertThat(task.failure()).isEmpty();
        for (ImageTask image : task.tasks()) {
            Alone expected = alone(task.request(), image.index());
            assertThat(image.values(0, STEPS)).isEqualTo(expected.values());
            assertThat(image.result().orElseThrow().logLikelihoodNats())
                    .isCloseTo(expected.logLikelihood(), within(1e-9));
        }
    }

    @Test
    void imageTakesAsManyRunsAsItHasChunksAndItsListenerIsToldOfEach() throws Exception {
        open(2, false);
        AtomicInteger told = new AtomicInteger();
        GenerationTask task = lane.submit(LaneRig.request(3, 7, 1), told::incrementAndGet);
        Await.end(task);
        assertThat(program.firstOfRuns()).containsExactly(List.of(0L), List.of(5L), List.of(10L));
        Await.until("its listener was told of the last chunk", () -> told.get() == 3);
        assertThat(meters.get("scanline.pixels").counter().count()).isEqualTo(STEPS);
        assertAsAlone(task);
    }

    @Test
    void cancelFreesTheSlotAtTheNextChunk() throws Exception {
        open(1, true);
        GenerationTask cancelled = submit(LaneRig.request(1, 1, 1));
        GenerationTask next = submit(LaneRig.request(2, 2, 1));
        awaitRun(1);
        cancelled.cancel();
        program.permit(1);
        awaitRun(2);
        assertThat(program.firstOfRuns().get(1)).containsExactly(0L); // the other one begins
        assertThat(cancelled.images().get(0).decided()).isEqualTo(SPAN);
        assertThat(meters.get("scanline.slot.free.steps").summary().max()).isEqualTo(1);
        program.permit(100);
        Await.end(next);
        assertAsAlone(next);
    }

    @Test
    void passedDeadlineAndCancelledImageEndAtTheNextChunk() throws Exception {
        open(3, true);
        long deadline = System.nanoTime() + 200_000_000L;
        GenerationTask late = submit(LaneRig.request(1, 1, 1, deadline));
        GenerationTask other = submit(LaneRig.request(2, 2, 2));
        awaitRun(1);
        other.cancel(0);
        Await.until("the deadline has passed", () -> System.nanoTime() > deadline);
        program.permit(1);
        Await.until("both have ended", () -> late.failure().isPresent()
                && other.images().get(0).result().isPresent());
        assertThat(late.failure().orElseThrow().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
        assertThat(other.images().get(0).result().orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        program.permit(100);
        Await.end(other);
        assertThat(other.images().get(1).values(0, STEPS)).isEqualTo(alone(other.request(), 1).values());
    }

    @Test
    void whatIsGivenIsPassedAndNotCounted() throws Exception {
        open(2, false);
        byte[] values = {4, 0, 0, 3, 0, 1, 2, 0, 0, 0, 4, 4};
        byte[] mask = {1, 0, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1};
        for (Given given : List.of(Given.masked(values, mask), Given.prefix(new byte[] {1, 2, 3, 4, 0, 1, 2}))) {
            CheckedRequest request = LaneRig.request(4, 9, 2, given, Optional.empty(), Long.MAX_VALUE);
            GenerationTask task = submit(request);
            Await.end(task);
            assertAsAlone(task);
            assertThat(task.images().get(0).values(0, STEPS)).isNotEqualTo(task.images().get(1).values(0, STEPS));
        }
        assertThat(meters.get("scanline.pixels").counter().count()).isEqualTo(2.0 * 6 + 2 * 5);
        CheckedRequest whole = LaneRig.request(
                1, 1, 1, Given.prefix(new byte[STEPS]), Optional.empty(), Long.MAX_VALUE);
        int runs = program.firstOfRuns().size();
        Await.end(submit(whole));
        assertThat(program.firstOfRuns()).hasSize(runs);
    }

    @Test
    void likelihoodThatIsNotANumberOrValueThatIsNoneFailsItsGenerationOnly() throws Exception {
        open(3, false);
        program.answerNoNumbersFor(8);
        program.answerNoLevelsFor(9);
        GenerationTask good = submit(LaneRig.request(1, 1, 1));
        GenerationTask numberless = submit(LaneRig.request(8, 2, 1));
        GenerationTask levelless = submit(LaneRig.request(9, 3, 1));
        for (GenerationTask task : List.of(good, numberless, levelless)) {
            Await.end(task);
        }
        assertThat(numberless.failure().orElseThrow().reason()).isEqualTo(Reason.INTERNAL);
        assertThat(levelless.failure().orElseThrow().reason()).isEqualTo(Reason.INTERNAL);
        assertAsAlone(good);
    }

    @Test
    void failedRunFailsItsGenerationsAndTheLaneGoesOn() throws Exception {
        open(2, false);
        program.failNextRun();
        GenerationTask failed = submit(LaneRig.request(1, 1, 2));
        Await.end(failed);
        assertThat(failed.failure().orElseThrow().reason()).isEqualTo(Reason.INTERNAL);
        GenerationTask next = submit(LaneRig.request(2, 2, 2));
        Await.end(next);
        assertAsAlone(next);
    }

    @Test
    void imagesOfARaceAreAbandonedBetweenChunksAndTheSameAreKeptWithFewerSlots() throws Exception {
        List<List<FinishReason>> outcomes = new ArrayList<>();
        List<List<Integer>> decided = new ArrayList<>();
        CheckedRequest race = LaneRig.request(
                2, 5, 6, Given.NOTHING, Optional.of(new BestOf(1, 0)), Long.MAX_VALUE);
        for (int slots : new int[] {6, 2, 1}) {
            open(slots, false);
            GenerationTask task = submit(race);
            Await.end(task);
            outcomes.add(task.images().stream().map(image -> image.result().orElseThrow().finishReason()).toList());
            decided.add(task.images().stream().map(ImageProgress::decided).toList());
            lane.close();
        }
        assertThat(outcomes.get(0)).contains(FinishReason.ABANDONED).containsOnlyOnce(FinishReason.COMPLETE);
        assertThat(outcomes).containsOnly(outcomes.get(0));
        assertThat(decided.get(0)).allMatch(count -> count % SPAN == 0 || count == STEPS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void everyImageIsAsAloneWhoeverComesRestsAndLeaves(int slots) throws Exception {
        for (int round = 0; round < 12; round++) {
            Random random = new Random(100L * slots + round);
            open(slots, true);
            List<GenerationTask> tasks = new ArrayList<>();
            for (int step = 0; step < 10; step++) {
                if (random.nextBoolean()) {
                    byte[] given = new byte[random.nextInt(STEPS)];
                    tasks.add(submit(LaneRig.request(
                            random.nextInt(10), random.nextLong(), 1 + random.nextInt(3), Given.prefix(given),
                            Optional.empty(), Long.MAX_VALUE)));
                }
                disturb(tasks, random);
                program.permit(1);
            }
            finish(tasks);
        }
    }

    @Test
    void guidedImagesOfTextsAreAsAlone() throws Exception {
        prompts = LoadedPrompts.load(TinyBundle.verified(TinyBundle.TEXT), Device.CPU);
        opened.add(prompts);
        for (int round = 0; round < 12; round++) {
            Random random = new Random(round);
            open(4, true);
            List<GenerationTask> tasks = new ArrayList<>();
            for (int step = 0; step < 10; step++) {
                if (random.nextBoolean()) {
                    int[] ids = prompts.reader().ids(List.of("", "a red cat", "zebra").get(random.nextInt(3)));
                    float guidance = new float[] {1, 3, 0}[random.nextInt(3)];
                    tasks.add(submit(LaneRig.prompted(
                            LaneRig.request(0, random.nextLong(), 1 + random.nextInt(2)),
                            new CheckedPrompt(ids, 0, guidance))));
                }
                disturb(tasks, random);
                program.permit(1);
            }
            finish(tasks);
        }
    }

    /** Cancels an image, or lets a generation rest or go on. */
    private static void disturb(List<GenerationTask> tasks, Random random) {
        if (tasks.isEmpty()) {
            return;
        }
        GenerationTask any = tasks.get(random.nextInt(tasks.size()));
        switch (random.nextInt(6)) {
            case 0 -> any.cancel(0);
            case 1 -> any.pause();
            case 2 -> any.proceed();
            default -> { }
        }
    }

    private void finish(List<GenerationTask> tasks) throws GraphException {
        tasks.forEach(GenerationTask::proceed);
        program.permit(1_000);
        for (GenerationTask task : tasks) {
            Await.end(task);
            for (ImageTask image : task.tasks()) {
                byte[] made = image.values(0, image.decided());
                assertThat(made).isEqualTo(Arrays.copyOf(alone(task.request(), image.index()).values(), made.length));
            }
        }
        lane.close();
    }
}
