package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine on the real graphs of models that draw what a text says. */
@Timeout(60)
class PromptEngineTest {
    private static final String CAT = "a red cat";

    @TempDir
    private static Path repository;

    private static DecodingEngine engine;

    @BeforeAll
    static void open() throws IOException {
        TinyBundle.copyOf(TinyBundle.TEXT, repository, TinyBundle.TEXT);
        TinyBundle.copyOf(TinyBundle.TEXT_PRIOR, repository, TinyBundle.TEXT_PRIOR);
        TinyBundle.copyOf(TinyBundle.ROWS, repository, TinyBundle.ROWS);
        engine = DecodingEngine.open(
                new EngineConfig(repository, 6, 20, 16, 1, 256L << 20), new SimpleMeterRegistry());
    }

    @AfterAll
    static void close() throws InterruptedException {
        assertThat(engine.drain(Duration.ofSeconds(10))).isTrue();
        engine.close();
    }

    private static GenerationRequest request(String model, long seed, int count, PromptOptions prompt, byte... prefix) {
        return new GenerationRequest(
                model, "", ClassSelector.NONE, OptionalLong.of(seed), count, SamplingOptions.NEUTRAL, prefix,
                Long.MAX_VALUE).prompted(prompt);
    }

    private static void refused(Reason reason, String field, String words, ThrowingCallable call) {
        assertThatThrownBy(call)
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.field()).contains(field);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    private static void refused(Reason reason, String field, String words, PromptOptions prompt) {
        refused(reason, field, words, () -> engine.generate(request(TinyBundle.TEXT, 1, 1, prompt), () -> {}));
    }

    /** One row after the other in slots of their own, in the plainest way; among images of other requests. */
    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void imageIsWhatMixingBothDistributionsOneByOneGives(String name) throws Exception {
        try (LoadedModel model = LoadedModel.load(TinyBundle.verified(name), 1);
                LoadedModel.OwnedProgram alone = model.newDecoder(2);
                TextConditioner conditioner = model.prompts().orElseThrow().newConditioner()) {
            byte[] values = new byte[model.steps()];
            byte[] mask = new byte[model.steps()];
            for (int i = 0; i < mask.length; i++) {
                mask[i] = (byte) (i % 3 == 1 ? 1 : 0);
            }
            List<Given> givens = List.of(Given.NOTHING, Given.prefix(new byte[] {1, 2}), Given.masked(values, mask));
            List<Generation> running = new ArrayList<>();
            for (int which = 0; which < 5; which++) {
                for (int given = 0; given < 3; given++) {
                    running.add(engine.generate(asked(name, which, given, values, mask), () -> {}));
                }
            }
            for (int i = 0; i < running.size(); i++) {
                Generation generation = running.get(i);
                Await.end(generation);
                assertThat(generation.failure()).isEmpty();
                CheckedPrompt prompt = generation.prompt().orElseThrow();
                CheckedRequest request = LaneRig.prompted(
                        LaneRig.request(0, 31 + i / 3, 1, givens.get(i % 3), Optional.empty(), Long.MAX_VALUE), prompt);
                SequentialImage expected = SequentialImage.of(
                        alone.program(), model.feed(), model.grid(), request, 0,
                        conditioner.condition(prompt.ids()), model.prompts().orElseThrow().empty());
                assertThat(TinyEngine.drawn(generation, 0)).isEqualTo(expected.values());
                assertThat(generation.images().get(0).result().orElseThrow().logLikelihoodNats())
                        .isEqualTo(expected.logLikelihood(model.steps()));
            }
        }
    }

    private static GenerationRequest asked(String name, int which, int given, byte[] values, byte[] mask) {
        PromptOptions prompt = TinyEngine.prompt(name, which);
        byte[] prefix = given == 1 ? new byte[] {1, 2} : new byte[0];
        Optional<MaskedValues> masked = given == 2 ? Optional.of(new MaskedValues(values, mask)) : Optional.empty();
        return new GenerationRequest(
                name, "", ClassSelector.NONE, OptionalLong.of(31 + which), 1, SamplingOptions.NEUTRAL, prefix, masked,
                Optional.empty(), Long.MAX_VALUE, Precedence.ORDINARY, prompt);
    }

    @Test
    void textAndGuidanceMatter() throws Exception {
        byte[] cat = TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of(CAT, 1))), 0);
        assertThat(TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of("big dog", 1))), 0)).isNotEqualTo(cat);
        assertThat(TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of(CAT, 6))), 0)).isNotEqualTo(cat);
    }

    /** u + g (c - u) is u, to the bit, of g = 0 and of the empty text. */
    @Test
    void nothingGuidesToNothing() throws Exception {
        byte[] anything = TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of("", 1))), 0);
        assertThat(TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of(CAT, 0))), 0)).isEqualTo(anything);
        assertThat(TinyEngine.values(TinyEngine.make(
                engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of("", 5))), 0)).isEqualTo(anything);
    }

    @Test
    void guidanceIsAsTheModelRecommendsUnlessSaid() throws Exception {
        Generation prior = TinyEngine.make(engine, request(TinyBundle.TEXT_PRIOR, 3, 1, PromptOptions.of("a zebra")));
        assertThat(prior.prompt().orElseThrow().guidance()).isEqualTo(3);
        assertThat(prior.prompt().orElseThrow().ids()).containsExactly(2, 4, 1, 3);
        assertThat(prior.prompt().orElseThrow().unknown()).isEqualTo(1);
        Generation plain = TinyEngine.make(engine, request(TinyBundle.TEXT, 3, 1, PromptOptions.of(CAT)));
        assertThat(plain.prompt().orElseThrow().guidance()).isEqualTo(1);
        assertThat(plain.prompt().orElseThrow().unknown()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {TinyBundle.TEXT, TinyBundle.TEXT_PRIOR})
    void scoreOfWhatWasDrawnIsItsLikelihoodGivenTheText(String model) throws Exception {
        Generation generation = TinyEngine.make(engine, request(model, 8, 1, PromptOptions.of(CAT, 4)));
        ImageScore score = TinyLatents.get(engine.score(score(model, generation, Optional.of(CAT)))).get(0);
        ImageScore other = TinyLatents.get(engine.score(score(model, generation, Optional.of("")))).get(0);
        assertThat(score.logLikelihoodNats()).isNotCloseTo(other.logLikelihoodNats(), within(1e-3));
        if (model.equals(TinyBundle.TEXT)) { // an encoder of random weights does not give the codes back
            double drawn = generation.images().get(0).result().orElseThrow().logLikelihoodNats();
            assertThat(score.logLikelihoodNats()).isCloseTo(drawn, within(1e-3));
        }
    }

    private static ScoreRequest score(String model, Generation generation, Optional<String> prompt) {
        return new ScoreRequest(
                model, "", ClassSelector.NONE, List.of(TinyEngine.values(generation, 0)), false,
                OptionalInt.empty(), 0, prompt, Long.MAX_VALUE);
    }

    @Test
    void badPromptsAreRefused() throws Exception {
        refused(Reason.PROMPT_REQUIRED, "prompt", "say what to draw", PromptOptions.NONE);
        refused(Reason.INVALID_GUIDANCE, "guidance", "without a prompt",
                new PromptOptions(Optional.empty(), Optional.of(2f)));
        refused(Reason.PROMPT_TOO_LONG, "prompt", "9 tokens, special ones included, and the model takes at most 8",
                PromptOptions.of("a a a a a a a"));
        refused(Reason.PROMPT_TOO_LONG, "prompt", "10001 characters; the most are 10000",
                PromptOptions.of("x".repeat(10_001)));
        for (float guidance : new float[] {-0.1f, 20.1f, Float.NaN, Float.POSITIVE_INFINITY}) {
            refused(Reason.INVALID_GUIDANCE, "guidance", "it must be 0 to 20", PromptOptions.of(CAT, guidance));
        }
        refused(Reason.PROMPT_NOT_SUPPORTED, "prompt", "leave prompt out",
                () -> engine.generate(request(TinyBundle.ROWS, 1, 1, PromptOptions.of(CAT)), () -> {}));
        refused(Reason.COUNT_OUT_OF_RANGE, "count", "1 to 16",
                () -> engine.generate(request(TinyBundle.TEXT, 1, 17, PromptOptions.of(CAT, 2)), () -> {}));
        Generation made = TinyEngine.make(engine, request(TinyBundle.TEXT, 1, 1, PromptOptions.of(CAT)));
        refused(Reason.PROMPT_REQUIRED, "prompt", "say what to draw",
                () -> engine.score(score(TinyBundle.TEXT, made, Optional.empty())));
        refused(Reason.PROMPT_TOO_LONG, "prompt", "9 tokens",
                () -> engine.score(score(TinyBundle.TEXT, made, Optional.of("a a a a a a a"))));
        refused(Reason.PROMPT_NOT_SUPPORTED, "prompt", "leave prompt out",
                () -> engine.score(new ScoreRequest(
                        TinyBundle.ROWS, "", ClassSelector.NONE, List.of(new byte[TinyEngine.steps(TinyBundle.ROWS)]),
                        false, OptionalInt.empty(), 0, Optional.of(CAT), Long.MAX_VALUE)));
        refused(Reason.CLASS_NOT_SUPPORTED, "label", "leave label out", () -> engine.generate(
                new GenerationRequest(
                        TinyBundle.TEXT, "", new ClassSelector(OptionalInt.of(0), ""), OptionalLong.of(1), 1,
                        SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE).prompted(PromptOptions.of(CAT)),
                () -> {}));
    }

    @Test
    void textsOfAnyCharactersAreRead() throws Exception {
        for (String text : List.of("", " \t\n", "\u0000\u0007", "\uD83D\uDE00", "\uD800", "CAT", "猫")) {
            Generation made = TinyEngine.make(engine, request(TinyBundle.TEXT, 1, 1, PromptOptions.of(text)));
            assertThat(made.prompt().orElseThrow().ids()).startsWith(2).endsWith(3);
        }
    }

    @Test
    void oneSlotIsTooFewForGuidance() throws Exception {
        LookConfig usual = LookConfig.defaults();
        LookConfig shortTexts = new LookConfig(
                usual.maxPictureBytes(), usual.maxPicturePixels(), 9, usual.maxInputs(), usual.maxCandidates(),
                usual.maxPending(), usual.cacheBytes());
        EngineConfig narrow = new EngineConfig(repository, 1, 3, 16, 1, 256L << 20);
        try (DecodingEngine one = DecodingEngine.open(narrow, shortTexts, new SimpleMeterRegistry())) {
            refused(Reason.INVALID_GUIDANCE, "guidance", "two slots",
                    () -> one.generate(request(TinyBundle.TEXT_PRIOR, 1, 1, PromptOptions.of(CAT)), () -> {}));
            refused(Reason.PROMPT_TOO_LONG, "prompt", "10 characters; the most are 9",
                    () -> one.generate(request(TinyBundle.TEXT, 1, 1, PromptOptions.of("a red cat.")), () -> {}));
            GenerationRequest unguided = request(TinyBundle.TEXT_PRIOR, 1, 1, PromptOptions.of(CAT, 1));
            assertThat(TinyEngine.drawn(TinyEngine.make(one, unguided), 0))
                    .isEqualTo(TinyEngine.drawn(TinyEngine.make(engine, unguided), 0));
        }
    }

    @Test
    void twoSlotsAndAQueueOfOneHoldTwoGuidedImages() throws Exception {
        EngineConfig narrow = new EngineConfig(repository, 3, 1, 16, 1, 256L << 20);
        try (DecodingEngine few = DecodingEngine.open(narrow, new SimpleMeterRegistry())) {
            refused(Reason.COUNT_OUT_OF_RANGE, "count", "1 to 2",
                    () -> few.generate(request(TinyBundle.TEXT, 1, 3, PromptOptions.of(CAT, 2)), () -> {}));
            Generation two = TinyEngine.make(few, request(TinyBundle.TEXT, 1, 2, PromptOptions.of(CAT, 2)));
            Generation same = TinyEngine.make(engine, request(TinyBundle.TEXT, 1, 2, PromptOptions.of(CAT, 2)));
            assertThat(TinyEngine.values(two, 1)).isEqualTo(TinyEngine.values(same, 1));
        }
    }
}
