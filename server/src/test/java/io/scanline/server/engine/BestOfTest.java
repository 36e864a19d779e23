package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.runtime.GraphException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;

/** Which images of a request are kept depends on the request and its seed, and on nothing else. */
class BestOfTest {
    private static final int ROW = 4;
    private static final int ROWS = LaneRig.STEPS / ROW;

    /** What must become of an image: why it ends, and how many values it has then. */
    record Fate(FinishReason reason, int decided) {}

    private static CheckedRequest request(long seed, int count, int keep, float margin) {
        return LaneRig.request(
                4, seed, count, Given.NOTHING, Optional.of(new BestOf(keep, margin)), Long.MAX_VALUE);
    }

    private static List<SequentialImage> sequential(CheckedRequest request) throws GraphException {
        List<SequentialImage> images = new ArrayList<>();
        for (int index = 0; index < request.count(); index++) {
            images.add(LaneRig.expected(request, index));
        }
        return images;
    }

    /** The contract's words, on images that were made whole. */
    private static List<Fate> fates(List<SequentialImage> images, int keep, float margin, int rows, int rowLength) {
        int[] rowsOf = new int[images.size()];
        for (int i = 0; i < images.size(); i++) {
            boolean abandoned = false;
            while (!abandoned && rowsOf[i] < rows) {
                int row = rowsOf[i]++;
                double own = images.get(i).logLikelihood((row + 1) * rowLength);
                int ahead = 0;
                for (int j = 0; j < i; j++) {
                    boolean there = rowsOf[j] > row;
                    ahead += there && images.get(j).logLikelihood((row + 1) * rowLength) > own + margin ? 1 : 0;
                }
                abandoned = ahead >= keep;
            }
        }
        int[] complete = IntStream.range(0, images.size()).filter(i -> rowsOf[i] == rows).toArray();
        List<Fate> fates = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            int at = i;
            double own = images.get(i).logLikelihood(rows * rowLength);
            long better = Arrays.stream(complete)
                    .filter(j -> {
                        double other = images.get(j).logLikelihood(rows * rowLength);
                        return other > own || other == own && j < at;
                    })
                    .count();
            boolean kept = rowsOf[i] == rows && better < keep;
            fates.add(new Fate(kept ? FinishReason.COMPLETE : FinishReason.ABANDONED, rowsOf[i] * rowLength));
        }
        return fates;
    }

    private static List<Fate> fates(Generation generation) {
        return generation.images().stream()
                .map(image -> new Fate(image.result().orElseThrow().finishReason(), TinyEngine.drawn(image)))
                .toList();
    }

    private static void assertAsExpected(Generation generation, List<SequentialImage> images, List<Fate> fates) {
        assertThat(generation.failure()).isEmpty();
        assertThat(fates(generation)).isEqualTo(fates);
        for (int index = 0; index < images.size(); index++) {
            int decided = fates.get(index).decided();
            ImageResult result = generation.images().get(index).result().orElseThrow();
            assertThat(TinyEngine.drawn(generation, index))
                    .isEqualTo(Arrays.copyOf(images.get(index).values(), decided));
            assertThat(result.logLikelihoodNats()).isEqualTo(images.get(index).logLikelihood(decided));
            boolean whole = decided == images.get(index).values().length;
            if (result.finishReason() == FinishReason.COMPLETE || !whole) {
                assertThat(result.sha256()).hasSize(whole ? 32 : 0);
            }
        }
    }

    @Property(tries = 60)
    void outcomeIsTheContractsWithAnySlotsAndMates(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 8) int count,
            @ForAll @IntRange(min = 0, max = 7) int others,
            @ForAll @FloatRange(min = 0, max = 1.5f) float margin,
            @ForAll @IntRange(min = 1, max = 8) int slots)
            throws Exception {
        int keep = 1 + others % count;
        CheckedRequest request = request(seed, count, keep, margin);
        List<SequentialImage> images = sequential(request);
        try (LaneRig rig = new LaneRig(slots, 60, false, 1)) {
            Generation before = rig.submit(LaneRig.request(1, 1, 1 + others));
            Generation generation = rig.submit(request);
            Generation leaver = rig.submit(LaneRig.request(2, 2, 2));
            Await.until("it has begun", () -> generation.images().get(0).decided() > 2);
            leaver.cancel();
            Await.end(generation);
            Await.end(before);
            assertAsExpected(generation, images, fates(images, keep, margin, ROWS, ROW));
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Example
    void slotOfAnAbandonedImageIsFreeAtTheNextStep() throws Exception {
        long seed = 0;
        while (fates(sequential(request(seed, 2, 1, 0)), 1, 0, ROWS, ROW).get(1).decided() != ROW) {
            seed++;
        }
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask generation = rig.submit(request(seed, 2, 1, 0));
            rig.submit(LaneRig.request(7, 7, 1));
            rig.program().permit(ROW);
            rig.awaitRun(ROW + 1);
            List<List<Long>> runs = rig.program().labelsOfRuns();
            assertThat(runs.get(ROW - 1)).containsExactly(4L, 4L);
            assertThat(runs.get(ROW)).containsExactly(4L, 7L);
            assertThat(generation.images().get(1).result().orElseThrow().finishReason())
                    .isEqualTo(FinishReason.ABANDONED);
            assertThat(generation.images().get(0).result()).isEmpty();
            rig.program().permit(100);
            Await.end(generation);
            assertThat(generation.images().get(0).result().orElseThrow().finishReason())
                    .isEqualTo(FinishReason.COMPLETE);
        }
    }

    @Example
    void cancelledImageLeavesTheRaceToTheOthers() throws Exception {
        float wide = 1000;
        CheckedRequest request = request(3, 3, 1, wide);
        int winner = complete(fates(sequential(request), 1, wide, ROWS, ROW));
        try (LaneRig rig = new LaneRig(3, 8, true, 1)) {
            GenerationTask generation = rig.submit(request);
            rig.program().permit(ROW + 1);
            rig.awaitRun(ROW + 2);
            assertThat(generation.cancel(winner)).isTrue();
            rig.program().permit(100);
            Await.end(generation);
            List<SequentialImage> others = sequential(request);
            others.remove(winner);
            int second = complete(fates(others, 1, wide, ROWS, ROW));
            List<FinishReason> reasons = new ArrayList<>(List.of(FinishReason.ABANDONED, FinishReason.ABANDONED));
            reasons.set(second, FinishReason.COMPLETE);
            reasons.add(winner, FinishReason.CANCELLED);
            assertThat(generation.images()).extracting(image -> image.result().orElseThrow().finishReason())
                    .containsExactlyElementsOf(reasons);
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    private static int complete(List<Fate> fates) {
        return fates.stream().map(Fate::reason).toList().indexOf(FinishReason.COMPLETE);
    }

    @Example
    void stepsThatAbandonedImagesDidNotTakeAreNotTheirClientsLoss() throws Exception {
        long seed = 0;
        while (fates(sequential(request(seed, 3, 1, 0)), 1, 0, ROWS, ROW).stream()
                .skip(1)
                .anyMatch(fate -> fate.decided() != ROW)) {
            seed++;
        }
        try (LaneRig rig = new LaneRig(3, 8, true, 1)) {
            rig.submit(LaneRig.request(4, seed, 3, Given.NOTHING, Optional.of(new BestOf(1, 0)), Long.MAX_VALUE,
                    new Precedence("racing", Priority.NORMAL)));
            rig.awaitRun(1);
            rig.submit(LaneRig.request("racing", Priority.NORMAL, 1, 2));
            rig.submit(LaneRig.request("other", Priority.NORMAL, 2, 2));
            rig.program().permit(ROW);
            rig.awaitRun(ROW + 1);
            // Eight steps of each of the two were not taken, so that the client's turn pays for two images.
            assertThat(rig.program().labelsOfRuns().get(ROW)).containsExactlyInAnyOrder(4L, 1L, 1L);
        }
    }

    @Example
    void imagesThatAreGivenWholeAreKeptByTheirIndex() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, false, 1)) {
            GenerationTask generation = rig.submit(LaneRig.request(
                    4, 1, 3, Given.prefix(new byte[LaneRig.STEPS]), Optional.of(new BestOf(2, 0)), Long.MAX_VALUE));
            Await.end(generation);
            assertThat(generation.images()).extracting(image -> image.result().orElseThrow().finishReason())
                    .containsExactly(FinishReason.COMPLETE, FinishReason.COMPLETE, FinishReason.ABANDONED);
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
        }
    }

    @Example
    void cancelledRequestEndsWithItsAbandonedImages() throws Exception {
        try (LaneRig rig = new LaneRig(2, 8, true, 1)) {
            GenerationTask generation = rig.submit(request(1, 5, 1, 0));
            rig.program().permit(ROW + 1);
            rig.awaitRun(ROW + 2);
            generation.cancel();
            rig.program().permit(1);
            assertThat(rig.work().awaitNone(Duration.ofSeconds(10))).isTrue();
            Await.until("all slots are free", () -> rig.lane().active() == 0);
        }
    }

    /** On real graphs, of every kind of state, with any number of slots and threads; also where codes are drawn. */
    @Example
    void modelsOfEveryKindKeepTheSameImages() throws Exception {
        int count = 6;
        int keep = 2;
        float margin = 0.5f;
        List<DecodingEngine> engines =
                List.of(TinyEngine.open(1, 64, 1), TinyEngine.open(3, 64, 1), TinyEngine.open(16, 64, 2));
        try {
            for (String name : List.of(
                    TinyBundle.NAME, TinyBundle.RING, TinyBundle.ROW_GRAPH, TinyBundle.PRIOR)) {
                GenerationRequest all = TinyEngine.request(name, 1, 12, count, SamplingOptions.NEUTRAL);
                GenerationRequest best = new GenerationRequest(
                        name, "", all.label(), OptionalLong.of(12), count, all.sampling(), all.prefix(),
                        Optional.empty(), Optional.of(new BestOf(keep, margin)), Long.MAX_VALUE,
                        Precedence.ORDINARY);
                Generation plain = TinyEngine.make(engines.get(2), all);
                List<SequentialImage> images = new ArrayList<>();
                List<Fate> fates;
                try (LoadedModel model = LoadedModel.load(TinyBundle.verified(name), 1);
                        LoadedModel.OwnedProgram alone = model.newDecoder(1)) {
                    CheckedRequest checked = LaneRig.request(all.label().index().orElse(0), 12, count);
                    for (int index = 0; index < count; index++) {
                        images.add(SequentialImage.of(alone.program(), model.feed(), model.grid(), checked, index));
                    }
                    fates = fates(images, keep, margin, model.grid().height(), model.grid().rowLength());
                }
                assertThat(fates).as(name).anyMatch(fate -> fate.decided() < TinyEngine.steps(name));
                for (DecodingEngine engine : engines) {
                    Generation mates = engine.generate(
                            TinyEngine.request(name, 2, 3, 4, SamplingOptions.NEUTRAL), () -> {});
                    Generation generation = TinyEngine.make(engine, best);
                    assertThat(fates(generation)).as(name).isEqualTo(fates);
                    for (int index = 0; index < count; index++) {
                        byte[] drawn = TinyEngine.drawn(generation, index);
                        assertThat(drawn).isEqualTo(Arrays.copyOf(TinyEngine.drawn(plain, index), drawn.length));
                        if (fates.get(index).reason() == FinishReason.COMPLETE) {
                            assertThat(TinyEngine.values(generation, index))
                                    .isEqualTo(TinyEngine.values(plain, index));
                            assertThat(generation.images().get(index).result().orElseThrow().sha256())
                                    .isEqualTo(plain.images().get(index).result().orElseThrow().sha256());
                        }
                    }
                    Await.end(mates);
                }
            }
            for (DecodingEngine engine : engines) {
                assertThat(engine.drain(Duration.ofSeconds(20))).isTrue();
            }
        } finally {
            engines.forEach(DecodingEngine::close);
        }
    }
}
