package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.OneShotTask.Stage;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request of a prior and the ranking of its images are one generation, whichever part of it ends first. */
@Timeout(60)
class RankedGenerationTest {
    private static final int STEPS = LaneRig.STEPS;
    private static final String PROMPT = "cat on a mat";

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<RankedGeneration> ended = new CopyOnWriteArrayList<>();
    private final AtomicInteger told = new AtomicInteger();
    private PriorRig rig;
    private LookDesk desk;
    private ServedLookModel judge;
    private ImageRanker ranker;

    private final RankedGeneration.Owner owner = new RankedGeneration.Owner() {
        @Override
        public ModelInfo info() {
            return rig.codes().lane().model();
        }

        @Override
        public List<StageTime> times(PriorTask drawn, Ranking ranking) {
            return List.of(
                    drawn.steps().time("step"), drawn.decoding().time("decoder"), ranking.texts().time("text"),
                    ranking.images().time("image"));
        }

        @Override
        public void ended(RankedGeneration generation) {
            ended.add(generation);
        }
    };

    @BeforeEach
    void open() throws EngineException {
        open(LookConfig.defaults());
    }

    private void open(LookConfig config) throws EngineException {
        rig = new PriorRig(2, 4);
        desk = new LookDesk(config, meters);
        judge = PipelineBundle.judge(desk, meters, new OpenWork());
        ranker = new ImageRanker(judge, TinyBundle.verified(TinyBundle.PRIOR).bundle().getGeometry());
    }

    @AfterEach
    void close() {
        rig.close();
        judge.close();
        desk.close();
    }

    private RankedGeneration submit(CheckedRequest request, Ranking ranking) throws EngineException {
        RankedGeneration generation = new RankedGeneration(owner, ranking, told::incrementAndGet);
        generation.begin(rig.submit(request, generation::progressed));
        return generation;
    }

    private RankedGeneration submit(CheckedRequest request) throws EngineException {
        return submit(request, ranker.admit(PROMPT, request.count()));
    }

    private static CheckedRequest request(long seed, int count) {
        return LaneRig.request(1, seed, count);
    }

    /** Gives all steps that a request can take. */
    private RankedGeneration finished(CheckedRequest request) throws EngineException {
        RankedGeneration generation = submit(request);
        rig.codes().program().permit(STEPS * request.count());
        Await.end(generation);
        assertThat(generation.failure()).isEmpty();
        return generation;
    }

    private float likeness(byte[] image) throws Exception {
        StageClock uncounted = new StageClock();
        judge.admission().promise(2);
        float[] text = ranker.text(PROMPT, uncounted).get();
        return (float) Cosines.cosine(ranker.image(image, uncounted).get(), text);
    }

    private static List<ImageRank> ranks(Generation generation) {
        return generation.images().stream().map(image -> image.rank().orElseThrow()).toList();
    }

    @Test
    void imagesAreRankedByHowLikeTheirPromptTheyAre() throws Exception {
        RankedGeneration generation = finished(request(5, 4));
        List<ImageRank> ranks = ranks(generation);
        for (int i = 0; i < ranks.size(); i++) {
            assertThat(ranks.get(i).promptLikeness()).isEqualTo(likeness(TinyEngine.values(generation, i)));
        }
        List<Integer> best = IntStream.range(0, ranks.size())
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> ranks.get(i).promptLikeness()).reversed())
                .toList();
        for (int place = 0; place < best.size(); place++) {
            assertThat(ranks.get(best.get(place)).place()).isEqualTo(place + 1);
        }
        assertThat(ranks.stream().map(ImageRank::promptLikeness).distinct()).hasSize(4);
    }

    @Test
    void likenessIsTheSameWhateverElseIsEmbedded() throws Exception {
        List<ImageRank> alone = ranks(finished(request(5, 3)));
        close();
        open();
        judge.admission().promise(40);
        for (int i = 0; i < 40; i++) {
            judge.answer(Stage.EMBED_IMAGE, new EmbedInput.Values(noise(i)), new StageClock());
        }
        assertThat(ranks(finished(request(5, 3)))).isEqualTo(alone);
    }

    private static byte[] noise(int seed) {
        byte[] image = new byte[144];
        new Random(seed).nextBytes(image);
        for (int i = 0; i < image.length; i++) {
            image[i] &= 15;
        }
        return image;
    }

    @Test
    void resultsOfCompleteImagesWaitForTheRanking() throws Exception {
        RankedGeneration generation = submit(request(5, 3)); // two slots: the third is drawn last
        rig.codes().program().permit(STEPS);
        Await.until("two images are there", () -> generation.images().stream()
                .filter(image -> image.decided() == 144)
                .count() == 2);
        assertThat(generation.images()).allMatch(image -> image.result().isEmpty());
        assertThat(generation.images()).allMatch(image -> image.rank().isEmpty());
        rig.codes().program().permit(STEPS);
        Await.end(generation);
        assertThat(ranks(generation)).extracting(ImageRank::place).containsExactlyInAnyOrder(1, 2, 3);
    }

    @Test
    void imagesThatWereGivenUpAreNotRanked() throws Exception {
        RankedGeneration generation = submit(request(5, 3));
        assertThat(generation.cancel(1)).isTrue();
        assertThat(generation.cancel(1)).isFalse();
        rig.codes().program().permit(3 * STEPS);
        Await.end(generation);
        assertThat(generation.failure()).isEmpty();
        ImageProgress givenUp = generation.images().get(1);
        assertThat(givenUp.result().orElseThrow().finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(givenUp.rank()).isEmpty();
        assertThat(List.of(generation.images().get(0), generation.images().get(2)))
                .extracting(image -> image.rank().orElseThrow().place())
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void abandonedImagesAreNotRanked() throws Exception {
        CheckedRequest request = LaneRig.request(
                1, 5, 4, Given.NOTHING, Optional.of(new BestOf(2, Float.MAX_VALUE)), Long.MAX_VALUE);
        RankedGeneration generation = finished(request);
        for (ImageProgress image : generation.images()) {
            boolean complete = image.result().orElseThrow().finishReason() == FinishReason.COMPLETE;
            assertThat(image.rank().isPresent()).isEqualTo(complete);
        }
        assertThat(generation.images().stream().flatMap(image -> image.rank().stream()).map(ImageRank::place))
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void stagesSayWhatTheRunsTookThatItHadPartIn() throws Exception {
        RankedGeneration first = finished(request(5, 2));
        List<StageTime> times = first.stages();
        assertThat(times).extracting(StageTime::stage).containsExactly("step", "decoder", "text", "image");
        assertThat(times.get(0).runs()).isEqualTo(STEPS);
        assertThat(times.get(1).runs()).isBetween(1L, 2L);
        assertThat(times.get(2).runs()).isEqualTo(1);
        assertThat(times.get(3).runs()).isBetween(1L, 2L);
        assertThat(times).allMatch(time -> time.busyMicros() >= 0);
        List<StageTime> again = finished(request(5, 2)).stages();
        assertThat(again.get(0).runs()).isEqualTo(STEPS);
        assertThat(again.get(2).runs() + again.get(3).runs()).as("the answers are known").isZero();
    }

    private void assertEndedAndGone(RankedGeneration generation, Reason reason) throws InterruptedException {
        Await.until("the generation has ended", () -> generation.failure().isPresent());
        assertThat(generation.failure().orElseThrow().reason()).isEqualTo(reason);
        rig.codes().program().permit(1); // the step that runs
        Await.until("the slots are free", () -> rig.codes().lane().active() == 0 && rig.codes().lane().waiting() == 0);
        Await.until("the images have left", () -> rig.images().atHand() == 0);
        Await.until("its owner was told", () -> !ended.isEmpty()); // after the failure can be seen
        assertThat(ended).containsExactly(generation);
        assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        Await.until("no room is kept", () -> judge.admission().atHand() == 0);
    }

    @Test
    void cancelEndsAllParts() throws Exception {
        RankedGeneration generation = submit(request(5, 3));
        rig.codes().program().permit(STEPS + 2); // two are there, and the third is being drawn
        Await.until("two images are there", () -> generation.images().stream()
                .filter(image -> image.decided() == 144)
                .count() == 2);
        assertThat(generation.end(EngineException.of(Reason.GENERATION_CANCELLED, "cancelled"))).isEqualTo(3);
        assertThat(generation.end(EngineException.of(Reason.CANCELLED, "again"))).isZero();
        assertEndedAndGone(generation, Reason.GENERATION_CANCELLED);
        assertThat(generation.images()).allMatch(image -> image.rank().isEmpty());
    }

    @Test
    void deadlineEndsAllPartsWhileImagesAreDrawn() throws Exception {
        assertEndedAndGone(
                submit(LaneRig.request(1, 5, 2, System.nanoTime() + 300_000_000L)), Reason.DEADLINE_EXCEEDED);
    }

    @Test
    void deadlineEndsTheRankingToo() throws Exception {
        Ranking ranking = ranker.admit(PROMPT, 2); // waits for one more image than is drawn
        RankedGeneration generation = submit(request(5, 1), ranking);
        rig.codes().program().permit(STEPS);
        Await.until("the image is there", () -> generation.images().get(0).decided() == 144);
        assertThat(generation.images().get(0).result()).isEmpty();
        ranking.expire(System.nanoTime() + 1000);
        assertEndedAndGone(generation, Reason.DEADLINE_EXCEEDED);
    }

    @Test
    void failureOfAStepEndsTheRanking() throws Exception {
        RankedGeneration generation = submit(request(5, 2));
        rig.codes().program().failNextRun();
        rig.codes().program().permit(1);
        assertEndedAndGone(generation, Reason.INTERNAL);
    }

    @Test
    void endOfTheRankingLaneEndsTheImages() throws Exception {
        RankedGeneration generation = submit(request(5, 2));
        Await.until("the prompt is embedded", () -> generation.stages().get(2).runs() == 1);
        judge.close();
        rig.codes().program().permit(2 * STEPS);
        assertEndedAndGone(generation, Reason.SHUTTING_DOWN);
        open();
    }

    @Test
    void withoutRoomForTheRankingNothingIsAdmitted() throws Exception {
        close();
        open(new LookConfig(2000, 10_000, 10_000, 4, 5, 8, 1 << 20));
        RankedGeneration first = submit(request(5, 4)); // its images take 4 of 8
        assertThatThrownBy(() -> ranker.admit(PROMPT, 4)).hasMessageContaining("there is no room for 5 more");
        first.cancel();
        rig.codes().program().permit(1);
        assertThat(ranker.admit(PROMPT, 4).end(EngineException.of(Reason.CANCELLED, "enough"))).isTrue();
        assertThat(judge.admission().atHand()).isZero();
    }

    @Test
    void emptyPromptAsksForNothingToBeLike() throws Exception {
        RankedGeneration generation = submit(request(5, 2), ranker.admit(" ", 2));
        rig.codes().program().permit(2 * STEPS);
        Await.end(generation);
        assertThat(generation.failure()).isEmpty();
        assertThat(generation.images()).allMatch(image -> image.rank().isEmpty());
        assertThat(judge.admission().atHand()).isZero();
    }

    @Test
    void promptThatTheRankingModelCannotReadIsRefused() {
        assertThatThrownBy(() -> ranker.admit("a".repeat(30), 1))
                .isInstanceOfSatisfying(EngineException.class, refused -> {
                    assertThat(refused.reason()).isEqualTo(Reason.PROMPT_TOO_LONG);
                    assertThat(refused.field()).contains("prompt");
                });
        assertThat(judge.admission().atHand()).isZero();
    }
}
