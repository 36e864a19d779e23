package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of generations without a reader, over small models. */
@Timeout(60)
class GenerationsTest {
    private static final Keeping HELD = new Keeping(true, 0);
    private static final Keeping BRIEFLY = new Keeping(true, 1);
    private static final ReadingPlan PLAN = new ReadingPlan() {};
    private static final int STEPS = TinyEngine.steps();

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final DecodingEngine engine = TinyEngine.open(4, 60, 1);
    private Generations generations;

    /** Counts what it is told. */
    private static final class Reader implements GenerationReader {
        private final AtomicInteger replaced = new AtomicInteger();
        private final AtomicInteger told = new AtomicInteger();

        @Override
        public void progressed() {
            told.incrementAndGet();
        }

        @Override
        public void replaced() {
            replaced.incrementAndGet();
        }
    }

    @BeforeEach
    void open() {
        generations = new Generations(engine, HoldLimits.DEFAULT, meters);
    }

    @AfterEach
    void close() {
        generations.close();
        engine.close();
    }

    private OpenGeneration open(GenerationRequest request, Keeping keeping, GenerationReader reader)
            throws EngineException {
        return generations.open(request, keeping, Optional.empty(), PLAN, reader);
    }

    private OpenGeneration open(Keeping keeping, GenerationReader reader) throws EngineException {
        return open(TinyEngine.request(1, 1, 2), keeping, reader);
    }

    private OpenGeneration fork(GenerationRequest request, String id, int image, int steps) throws EngineException {
        return generations.open(
                request, Keeping.NONE, Optional.of(new ForkPoint(id, image, steps)), PLAN, new Reader());
    }

    private static void refused(Reason reason, String field, ThrowingCallable call) {
        assertThatThrownBy(call).asInstanceOf(type(EngineException.class)).satisfies(refusal -> {
            assertThat(refusal.reason()).isEqualTo(reason);
            assertThat(refusal.field()).isEqualTo(Optional.ofNullable(field));
        });
    }

    private void assertNothingLeft() throws InterruptedException {
        Await.until("all generations have left", () -> generations.size() == 0);
        assertThat(generations.heldBytes()).isZero();
        assertThat(generations.timers()).isZero();
        assertThat(engine.drain(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void generationThatIsNotHeldStopsWithItsReader() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), Keeping.NONE, reader);
        assertThat(generations.heldBytes()).isZero();
        assertThat(opened.disconnected(reader)).isFalse();
        assertThat(opened.generation().failure().orElseThrow().reason()).isEqualTo(Reason.CANCELLED);
        assertNothingLeft();
    }

    @Test
    void heldGenerationGoesOnToItsEndAndIsReadOn() throws Exception {
        Reader first = new Reader();
        OpenGeneration opened = open(HELD, first);
        String id = opened.generation().id();
        assertThat(opened.disconnected(first)).isTrue();
        assertThat(generations.held()).isEqualTo(1);
        assertThat(meters.get("scanline.held.generations").gauge().value()).isEqualTo(1);
        Await.end(opened.generation());
        assertThat(opened.generation().failure()).isEmpty();
        assertThat(generations.timers()).isEqualTo(1);

        Reader second = new Reader();
        generations.resume(generations.find(id), second);
        assertThat(first.replaced).hasValue(0); // it had left
        assertThat(generations.timers()).isZero();
        assertThat(meters.get("scanline.resumes").counter().count()).isEqualTo(1);
        assertThat(opened.delivered(second)).isTrue();
        refused(Reason.GENERATION_NOT_FOUND, "generation_id",
                () -> generations.resume(generations.find(id), new Reader()));
        opened.closed(second);
        refused(Reason.GENERATION_NOT_FOUND, "generation_id", () -> generations.find(id));
        assertNothingLeft();
    }

    @Test
    void lastWordThatDidNotArriveIsSaidAgain() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(HELD, reader);
        Await.end(opened.generation());
        assertThat(opened.delivered(reader)).isTrue();
        assertThat(opened.disconnected(reader)).isTrue();
        generations.resume(generations.find(opened.generation().id()), new Reader());
        assertThat(generations.held()).isZero();
    }

    @Test
    void generationThatWasGivenUpByItsIdIsReadToItsEndIfItWasComplete() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(HELD, reader);
        Await.end(opened.generation());
        assertThat(generations.cancel(opened.generation().id(), OptionalInt.empty())).isZero();
        assertThat(opened.delivered(reader)).isTrue();
        opened.closed(reader);
        assertThat(opened.generation().failure()).isEmpty();
        assertNothingLeft();
    }

    @Test
    void newestReaderTakesOverAndTheOlderCountsNoMore() throws Exception {
        Reader first = new Reader();
        OpenGeneration opened = open(HELD, first);
        Reader second = new Reader();
        generations.resume(opened, second);
        assertThat(first.replaced).hasValue(1);
        assertThat(opened.disconnected(first)).isFalse();
        assertThat(opened.delivered(first)).isFalse();
        opened.closed(first);
        assertThat(generations.size()).isEqualTo(1);
        assertThat(opened.generation().failure()).isEmpty();
        assertThat(opened.disconnected(second)).isTrue();
    }

    @Test
    void generationThatNobodyComesBackForIsGivenUp() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), BRIEFLY, reader);
        opened.disconnected(reader);
        Await.until("it has expired", () -> generations.size() == 0);
        assertThat(meters.get("scanline.held.expired").counter().count()).isEqualTo(1);
        assertNothingLeft();
    }

    @Test
    void whatIsHeldIsBoundedInBytes() throws Exception {
        ModelInfo model = engine.model(TinyBundle.NAME, "");
        GenerationRequest request = TinyEngine.request(1, 1, 2);
        long two = Generations.bytes(model, request);
        assertThat(two).isEqualTo(4096 + 64 + 2 * (512 + 64));
        assertThat(Generations.bytes(engine.model(TinyBundle.PRIOR, ""), TinyEngine.request(1, 1, 1)))
                .isEqualTo(4096 + 12 + 512 + 144 + 12 + 144);
        GenerationRequest best = canvas(
                2, Optional.of(new MaskedValues(new byte[64], new byte[64])), Optional.of(new BestOf(1, 0)));
        assertThat(Generations.bytes(model, best)).isEqualTo(two + 64 + 2 * 8 * model.drawnGrid().height());
        generations = new Generations(engine, new HoldLimits(2 * two, 1000, 1000), meters);
        OpenGeneration first = open(HELD, new Reader());
        open(HELD, new Reader());
        assertThat(generations.heldBytes()).isEqualTo(2 * two);
        assertThatThrownBy(() -> open(HELD, new Reader())).asInstanceOf(type(EngineException.class))
                .satisfies(refusal -> {
                    assertThat(refusal.reason()).isEqualTo(Reason.HOLD_MEMORY_FULL);
                    assertThat(refusal.retryAfter()).isPresent();
                });
        open(Keeping.NONE, new Reader()); // takes none of it
        assertThatThrownBy(() -> open(TinyEngine.request(1, 1, 16), HELD, new Reader()))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refusal -> assertThat(refusal.retryAfter()).as("it can never be").isEmpty());
        assertThat(generations.cancel(first.generation().id(), OptionalInt.empty())).isBetween(0, 2);
        open(HELD, new Reader());
    }

    @Test
    void refusedRequestTakesNoMemory() {
        refused(Reason.COUNT_OUT_OF_RANGE, "count", () -> open(TinyEngine.request(1, 1, 17), HELD, new Reader()));
        refused(Reason.HOLD_OUT_OF_RANGE, "hold_ms", () -> open(new Keeping(true, 600_001), new Reader()));
        refused(Reason.FIELD_CONFLICT, "hold_ms", () -> open(new Keeping(false, 5), new Reader()));
        assertThat(generations.heldBytes()).isZero();
        assertThat(generations.size()).isZero();
    }

    @Test
    void cancelByIdGivesUpAllOrOneAndSaysHowMany() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), HELD, reader);
        String id = opened.generation().id();
        assertThat(generations.cancel(id, OptionalInt.of(15))).isEqualTo(1);
        refused(Reason.IMAGE_INDEX_OUT_OF_RANGE, "image_index", () -> generations.cancel(id, OptionalInt.of(16)));
        refused(Reason.IMAGE_INDEX_OUT_OF_RANGE, "image_index", () -> generations.cancel(id, OptionalInt.of(-1)));
        assertThat(generations.cancel(id, OptionalInt.empty())).isBetween(1, 15);
        assertThat(opened.generation().failure().orElseThrow().reason()).isEqualTo(Reason.GENERATION_CANCELLED);
        refused(Reason.GENERATION_NOT_FOUND, "generation_id", () -> generations.cancel(id, OptionalInt.empty()));
        refused(Reason.FIELD_REQUIRED, "generation_id", () -> generations.cancel("", OptionalInt.empty()));
        assertNothingLeft();
    }

    @Test
    void readerSaysWhereItBegins() throws Exception {
        OpenGeneration opened =
                open(TinyEngine.request(1, 1, 2, SamplingOptions.NEUTRAL, (byte) 1, (byte) 2), HELD, new Reader());
        assertThat(opened.beginnings(List.of(), false)).containsExactly(2, 2);
        assertThat(opened.beginnings(List.of(0, STEPS), false)).containsExactly(0, STEPS);
        assertThat(opened.beginnings(List.of(), true)).containsExactly(0, 0);
        refused(Reason.FIELD_CONFLICT, "whole", () -> opened.beginnings(List.of(0, 0), true));
        refused(Reason.NEXT_INDEX_OUT_OF_RANGE, "next_index", () -> opened.beginnings(List.of(0), false));
        refused(Reason.NEXT_INDEX_OUT_OF_RANGE, "next_index", () -> opened.beginnings(List.of(0, STEPS + 1), false));
        refused(Reason.NEXT_INDEX_OUT_OF_RANGE, "next_index", () -> opened.beginnings(List.of(-1, 0), false));
    }

    @Test
    void forkWithTheSameSeedGoesOnAsItsSourceAndWithAnotherOneElsewhere() throws Exception {
        for (String model : List.of(TinyBundle.NAME, TinyBundle.PRIOR)) {
            GenerationRequest request = TinyEngine.request(model, 1, 5, 2, SamplingOptions.NEUTRAL);
            Reader reader = new Reader();
            OpenGeneration source = open(request, HELD, reader);
            Await.end(source.generation());
            int half = TinyEngine.steps(model) / 2;
            // Image 0 of the fork goes on from image 0 of its source: the same noise, the same values.
            Generation same = fork(request, source.generation().id(), 0, half).generation();
            GenerationRequest another = TinyEngine.request(model, 1, 6, 1, new SamplingOptions(3, 0, 1));
            OpenGeneration other = fork(another, source.generation().id(), 1, half);
            Await.end(same);
            Await.end(other.generation());
            assertThat(TinyEngine.drawn(same, 0)).isEqualTo(TinyEngine.drawn(source.generation(), 0));
            byte[] forked = TinyEngine.drawn(other.generation(), 0);
            byte[] from = TinyEngine.drawn(source.generation(), 1);
            assertThat(Arrays.copyOf(forked, half)).isEqualTo(Arrays.copyOf(from, half));
            assertThat(forked).isNotEqualTo(from);
            assertThat(other.beginnings(List.of(), false)).as("its prefix is sent").containsExactly(0);
        }
    }

    @Test
    void forkTakesModelAndClassOfItsSourceUnlessItSaysOtherwise() throws Exception {
        GenerationRequest request = TinyEngine.request(2, 5, 1);
        OpenGeneration source = open(request, HELD, new Reader());
        Await.end(source.generation());
        Generation forked = fork(new GenerationRequest("", "", ClassSelector.NONE, OptionalLong.of(5), 1,
                SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE), source.generation().id(), 0, 3).generation();
        Await.end(forked);
        assertThat(forked.model()).isEqualTo(source.generation().model());
        assertThat(TinyEngine.drawn(forked, 0)).isEqualTo(TinyEngine.drawn(source.generation(), 0));
    }

    @Test
    void forkDrawsTheTextOfItsSourceAsStronglyUnlessItSaysOtherwise() throws Exception {
        GenerationRequest request = TinyEngine.request(TinyBundle.TEXT, 1, 5, 1, SamplingOptions.NEUTRAL)
                .prompted(PromptOptions.of("big blue dog", 3));
        OpenGeneration source = open(request, HELD, new Reader());
        Await.end(source.generation());
        String id = source.generation().id();
        GenerationRequest says = new GenerationRequest("", "", ClassSelector.NONE, OptionalLong.of(5), 1,
                SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE);
        Generation same = fork(says, id, 0, 3).generation();
        Await.end(same);
        assertThat(TinyEngine.drawn(same, 0)).isEqualTo(TinyEngine.drawn(source.generation(), 0));
        OpenGeneration another =
                fork(says.prompted(new PromptOptions(Optional.of("sun"), Optional.empty())), id, 0, 3);
        assertThat(another.generation().prompt().orElseThrow().guidance()).isEqualTo(3);
        assertThat(another.generation().prompt().orElseThrow().ids()).hasSize(3);
        Await.end(another.generation());
        OpenGeneration weaker =
                fork(says.prompted(new PromptOptions(Optional.empty(), Optional.of(1f))), id, 0, 3);
        assertThat(weaker.generation().prompt().orElseThrow().guidance()).isEqualTo(1);
        assertThat(weaker.generation().prompt().orElseThrow().ids()).hasSize(5);
        Await.end(weaker.generation());
        assertThat(Generations.bytes(source.generation().model(), request))
                .isEqualTo(4096 + 64 + 512 + 64 + 2 * 12 + 4 * (8 + 6));
    }

    @Test
    void forkKeepsTheLikeliestAsItsRequestSays() throws Exception {
        OpenGeneration source = open(HELD, new Reader());
        Await.end(source.generation());
        GenerationRequest asked = canvas(3, Optional.empty(), Optional.of(new BestOf(1, 0)));
        Generation forked = fork(asked, source.generation().id(), 0, 3).generation();
        Await.end(forked);
        assertThat(forked.images()).filteredOn(
                image -> image.result().orElseThrow().finishReason() == FinishReason.COMPLETE).hasSize(1);
    }

    private static GenerationRequest canvas(int count, Optional<MaskedValues> given, Optional<BestOf> bestOf) {
        GenerationRequest plain = TinyEngine.request(1, 1, count);
        return new GenerationRequest(
                plain.model(), "", plain.label(), plain.seed(), count, plain.sampling(), new byte[0], given, bestOf,
                Long.MAX_VALUE, Precedence.ORDINARY);
    }

    @Test
    void forkThatCannotBeIsRefused() throws Exception {
        OpenGeneration source = open(HELD, new Reader());
        String id = source.generation().id();
        Await.end(source.generation());
        GenerationRequest request = TinyEngine.request(1, 1, 1);
        refused(Reason.FORK_UNDECIDED, "fork.steps", () -> fork(request, id, 0, STEPS + 1));
        refused(Reason.IMAGE_INDEX_OUT_OF_RANGE, "fork.image_index", () -> fork(request, id, 2, 1));
        refused(Reason.GENERATION_NOT_FOUND, "fork.generation_id", () -> fork(request, "nobody", 0, 1));
        refused(Reason.FIELD_REQUIRED, "fork.generation_id", () -> fork(request, "", 0, 1));
        refused(Reason.FORK_MODEL_MISMATCH, "fork.generation_id", () -> fork(
                TinyEngine.request(TinyBundle.RING, 1, 1, 1, SamplingOptions.NEUTRAL), id, 0, 1));
        refused(Reason.FIELD_CONFLICT, "fork", () -> fork(
                TinyEngine.request(1, 1, 1, SamplingOptions.NEUTRAL, (byte) 1), id, 0, 1));
        MaskedValues nothing = new MaskedValues(new byte[STEPS], new byte[STEPS]);
        refused(Reason.FIELD_CONFLICT, "fork", () -> fork(
                canvas(1, Optional.of(nothing), Optional.empty()), id, 0, 1));
        GenerationRequest atOnce = TinyLatents.generate(TinyLatents.VAE, 1, 1, 1);
        OpenGeneration whole = open(atOnce, HELD, new Reader());
        refused(Reason.FIELD_NOT_SUPPORTED, "fork", () -> fork(atOnce, whole.generation().id(), 0, 1));
        assertThat(meters.get("scanline.rejected").tag("reason", "FORK_UNDECIDED").counter().count()).isEqualTo(1);
    }

    @Test
    void pauseEndsByItself() throws Exception {
        generations = new Generations(engine, new HoldLimits(1 << 20, 1000, 1), meters);
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), Keeping.NONE, new Reader());
        opened.pause();
        opened.pause();
        Await.end(opened.generation());
        assertThat(opened.generation().failure()).isEmpty();
        Await.until("no timer is left", () -> generations.timers() == 0);
    }

    @Test
    void whoHasPausedForAsLongAsAllowedGoesOn() throws Exception {
        generations = new Generations(engine, new HoldLimits(1 << 20, 1000, 1), meters);
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), Keeping.NONE, new Reader());
        Await.until("it has ended though it is paused again and again", () -> {
            opened.pause();
            return opened.generation().images().stream().allMatch(image -> image.result().isPresent());
        });
        assertThat(opened.generation().failure()).isEmpty();
    }

    @Test
    void brokenStreamEndsAPause() throws Exception {
        Reader reader = new Reader();
        OpenGeneration opened = open(TinyEngine.request(1, 1, 16), HELD, reader);
        opened.pause();
        opened.disconnected(reader);
        Await.end(opened.generation());
        assertThat(opened.generation().failure()).isEmpty();
    }

    @Test
    void drainGivesUpWhatNobodyReads() throws Exception {
        Reader reader = new Reader();
        Reader stays = new Reader();
        OpenGeneration left = open(TinyEngine.request(1, 1, 16), HELD, reader);
        OpenGeneration read = open(TinyEngine.request(1, 1, 2), HELD, stays);
        left.disconnected(reader);
        read.pause();
        generations.drain();
        Await.end(read.generation());
        assertThat(read.generation().failure()).isEmpty();
        assertThat(read.disconnected(stays)).isFalse();
        assertNothingLeft();
    }

    @Test
    void nothingIsLeftOfTenThousandAbandonedStreams() throws Exception {
        GenerationRequest request = TinyEngine.request(TinyBundle.PRIOR, 1, 1, 1, SamplingOptions.NEUTRAL);
        long most = 0;
        for (int i = 0; i < 10_000; i++) {
            Reader reader = new Reader();
            Keeping keeping = i % 3 == 0 ? HELD : new Keeping(true, 1 + i % 20);
            OpenGeneration opened = openWhenThereIsRoom(request, keeping, reader);
            most = Math.max(most, generations.heldBytes());
            if (i % 5 == 0) {
                opened.pause();
            }
            opened.disconnected(reader);
            if (i % 3 == 0) {
                generations.cancel(opened.generation().id(), OptionalInt.empty());
            }
        }
        assertThat(most).isBetween(4096L, HoldLimits.DEFAULT.maxHeldBytes());
        assertNothingLeft();
    }

    private OpenGeneration openWhenThereIsRoom(GenerationRequest request, Keeping keeping, Reader reader)
            throws EngineException {
        OpenGeneration[] opened = new OpenGeneration[1];
        EngineException[] unexpected = new EngineException[1];
        Await.until("there is room", () -> {
            try {
                opened[0] = open(request, keeping, reader);
            } catch (EngineException refusal) {
                unexpected[0] = refusal.reason() == Reason.QUEUE_FULL ? null : refusal;
            }
            return opened[0] != null || unexpected[0] != null;
        });
        if (unexpected[0] != null) {
            throw unexpected[0];
        }
        return opened[0];
    }
}
