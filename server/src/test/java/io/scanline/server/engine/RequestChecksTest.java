package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every refusal of a field, with its reason and its name on the wire. */
class RequestChecksTest {
    private static final EngineConfig CONFIG = EngineConfig.defaults(Path.of("models"));
    private static final ClassSelector ONE = new ClassSelector(OptionalInt.of(1), "");
    private static final RequestChecks CHECKS = new RequestChecks(LaneRig.BUNDLE, CONFIG);

    private static GenerationRequest request(ClassSelector label, int count, SamplingOptions sampling, byte... prefix) {
        return new GenerationRequest("rig", "", label, OptionalLong.of(1), count, sampling, prefix, Long.MAX_VALUE);
    }

    private static GenerationRequest request(ClassSelector label) {
        return request(label, 1, SamplingOptions.NEUTRAL);
    }

    private static GenerationRequest request(SamplingOptions sampling) {
        return request(ONE, 1, sampling);
    }

    private static ClassSelector named(int index, String name) {
        return new ClassSelector(index < 0 ? OptionalInt.empty() : OptionalInt.of(index), name);
    }

    static Stream<Arguments> badGenerations() {
        return Stream.of(
                arguments(request(ClassSelector.NONE), Reason.CLASS_REQUIRED, "label"),
                arguments(request(named(10, "")), Reason.CLASS_NOT_FOUND, "label.index"),
                arguments(
                        request(new ClassSelector(OptionalInt.of(-1), "")), Reason.CLASS_NOT_FOUND, "label.index"),
                arguments(request(named(-1, "Eleven")), Reason.CLASS_NOT_FOUND, "label.name"),
                arguments(request(named(1, "Two")), Reason.CLASS_MISMATCH, "label.name"),
                arguments(request(ONE, 0, SamplingOptions.NEUTRAL), Reason.COUNT_OUT_OF_RANGE, "count"),
                arguments(request(ONE, 17, SamplingOptions.NEUTRAL), Reason.COUNT_OUT_OF_RANGE, "count"),
                arguments(request(ONE, -1, SamplingOptions.NEUTRAL), Reason.COUNT_OUT_OF_RANGE, "count"),
                arguments(
                        request(new SamplingOptions(-0.1f, 0, 1)),
                        Reason.TEMPERATURE_OUT_OF_RANGE,
                        "sampling.temperature"),
                arguments(
                        request(new SamplingOptions(Float.NaN, 0, 1)),
                        Reason.TEMPERATURE_OUT_OF_RANGE,
                        "sampling.temperature"),
                arguments(
                        request(new SamplingOptions(Float.POSITIVE_INFINITY, 0, 1)),
                        Reason.TEMPERATURE_OUT_OF_RANGE,
                        "sampling.temperature"),
                arguments(
                        request(new SamplingOptions(10.1f, 0, 1)),
                        Reason.TEMPERATURE_OUT_OF_RANGE,
                        "sampling.temperature"),
                arguments(request(new SamplingOptions(1, -1, 1)), Reason.TOP_K_OUT_OF_RANGE, "sampling.top_k"),
                arguments(request(new SamplingOptions(1, 0, 0)), Reason.TOP_P_OUT_OF_RANGE, "sampling.top_p"),
                arguments(request(new SamplingOptions(1, 0, 1.1f)), Reason.TOP_P_OUT_OF_RANGE, "sampling.top_p"),
                arguments(request(new SamplingOptions(1, 0, Float.NaN)), Reason.TOP_P_OUT_OF_RANGE, "sampling.top_p"),
                arguments(
                        request(ONE, 1, SamplingOptions.NEUTRAL, new byte[13]), Reason.PREFIX_TOO_LONG, "prefix"),
                arguments(
                        request(ONE, 1, SamplingOptions.NEUTRAL, (byte) 5), Reason.VALUE_OUT_OF_RANGE, "prefix"),
                arguments(
                        request(ONE, 1, SamplingOptions.NEUTRAL, (byte) -1), Reason.VALUE_OUT_OF_RANGE, "prefix"));
    }

    @ParameterizedTest
    @MethodSource("badGenerations")
    void badFieldIsRefusedByName(GenerationRequest request, Reason reason, String field) {
        assertThatThrownBy(() -> CHECKS.check(request))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.field()).contains(field);
                    assertThat(refused.getMessage()).isNotBlank();
                });
    }

    private static GenerationRequest canvas(int prefix, byte[] values, byte[] mask, int count, BestOf rule) {
        return new GenerationRequest(
                "rig", "", ONE, OptionalLong.of(1), count, SamplingOptions.NEUTRAL, new byte[prefix],
                Optional.ofNullable(values).map(given -> new MaskedValues(given, mask)), Optional.ofNullable(rule),
                Long.MAX_VALUE, Precedence.ORDINARY);
    }

    private static GenerationRequest masked(byte[] values, byte[] mask) {
        return canvas(0, values, mask, 1, null);
    }

    private static GenerationRequest best(int count, int keep, float margin) {
        return canvas(0, null, null, count, new BestOf(keep, margin));
    }

    private static byte[] bytes(int size, int at, int value) {
        byte[] bytes = new byte[size];
        bytes[at] = (byte) value;
        return bytes;
    }

    static Stream<Arguments> badCanvases() {
        byte[] good = new byte[LaneRig.STEPS];
        byte[] none = {};
        return Stream.of(
                arguments(masked(none, none), Reason.GIVEN_SIZE_MISMATCH, "given.values"),
                arguments(masked(new byte[11], good), Reason.GIVEN_SIZE_MISMATCH, "given.values"),
                arguments(masked(good, new byte[13]), Reason.GIVEN_SIZE_MISMATCH, "given.mask"),
                arguments(masked(good, none), Reason.GIVEN_SIZE_MISMATCH, "given.mask"),
                arguments(masked(good, bytes(12, 11, 2)), Reason.MASK_OUT_OF_RANGE, "given.mask"),
                arguments(masked(good, bytes(12, 0, -1)), Reason.MASK_OUT_OF_RANGE, "given.mask"),
                arguments(
                        masked(bytes(12, 5, 5), bytes(12, 5, 1)), Reason.VALUE_OUT_OF_RANGE, "given.values"),
                arguments(canvas(1, good, good, 1, null), Reason.FIELD_CONFLICT, "prefix"),
                arguments(best(4, 0, 0), Reason.KEEP_OUT_OF_RANGE, "best_of.keep"),
                arguments(best(4, 5, 0), Reason.KEEP_OUT_OF_RANGE, "best_of.keep"),
                arguments(best(4, -1, 0), Reason.KEEP_OUT_OF_RANGE, "best_of.keep"),
                arguments(best(4, 1, -0.5f), Reason.MARGIN_OUT_OF_RANGE, "best_of.margin_nats"),
                arguments(best(4, 1, Float.NaN), Reason.MARGIN_OUT_OF_RANGE, "best_of.margin_nats"));
    }

    @ParameterizedTest
    @MethodSource("badCanvases")
    void badMaskOrRuleIsRefusedByName(GenerationRequest request, Reason reason, String field) {
        badFieldIsRefusedByName(request, reason, field);
    }

    @Test
    void valuesThatAreNotGivenMayBeAnything() throws Exception {
        Given given = CHECKS.check(masked(bytes(12, 5, 200), bytes(12, 4, 1))).given();
        assertThat(given.count()).isEqualTo(1);
        assertThat(given.at(4)).isTrue();
        assertThat(given.at(5)).isFalse();
        assertThat(CHECKS.check(best(4, 4, Float.POSITIVE_INFINITY)).bestOf()).isPresent();
    }

    static Stream<Arguments> badScores() {
        byte[] good = new byte[LaneRig.STEPS];
        byte[] tooBright = good.clone();
        tooBright[3] = 5;
        return Stream.of(
                arguments(List.of(), Reason.FIELD_REQUIRED, "images"),
                arguments(Collections.nCopies(17, good), Reason.COUNT_OUT_OF_RANGE, "images"),
                arguments(List.of(good, new byte[11]), Reason.IMAGE_SIZE_MISMATCH, "images[1]"),
                arguments(List.of(good, good, tooBright), Reason.VALUE_OUT_OF_RANGE, "images[2]"));
    }

    @ParameterizedTest
    @MethodSource("badScores")
    void badImageIsRefusedByName(List<byte[]> images, Reason reason, String field) {
        assertThatThrownBy(() -> CHECKS.check(new ScoreRequest("rig", "", ONE, images, Long.MAX_VALUE)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> {
                    assertThat(refused.reason()).isEqualTo(reason);
                    assertThat(refused.field()).contains(field);
                });
    }

    @Test
    void classMayBeNamedWithoutRegardToCaseAndTogetherWithItsIndex() throws Exception {
        assertThat(CHECKS.check(request(named(-1, "tWo"))).label()).isEqualTo(2);
        assertThat(CHECKS.check(request(named(2, "TWO"))).label()).isEqualTo(2);
        assertThat(CHECKS.check(request(named(9, ""))).label()).isEqualTo(9);
    }

    @Test
    void classOfAModelWithoutClassesIsRefused() {
        RequestChecks plain = new RequestChecks(LaneRig.BUNDLE.toBuilder().clearConditioning().build(), CONFIG);
        assertThatThrownBy(() -> plain.check(request(ONE)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.CLASS_NOT_SUPPORTED));
    }

    @Test
    void deadlineInThePastIsRefused() {
        GenerationRequest late = new GenerationRequest(
                "rig", "", ONE, OptionalLong.empty(), 1, SamplingOptions.NEUTRAL, new byte[0], System.nanoTime() - 1);
        assertThatThrownBy(() -> CHECKS.check(late))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
    }

    @Test
    void seedIsDrawnWhenNoneIsGiven() throws Exception {
        GenerationRequest open = new GenerationRequest(
                "rig", "", ONE, OptionalLong.empty(), 1, SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE);
        assertThat(CHECKS.check(open).seed()).isNotEqualTo(CHECKS.check(open).seed());
        assertThat(CHECKS.check(request(ONE)).seed()).isEqualTo(1);
    }

    @Test
    void requestLargerThanSlotsAndQueueTogetherIsRefusedRatherThanToldToRetry() {
        EngineConfig small = new EngineConfig(Path.of("models"), 1, 2, 16, 1, 1 << 20);
        RequestChecks checks = new RequestChecks(LaneRig.BUNDLE, small);
        assertThatThrownBy(() -> checks.check(request(ONE, 4, SamplingOptions.NEUTRAL)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.COUNT_OUT_OF_RANGE));
    }

    @Test
    void requestLargerThanOneClientMayHaveWaitingIsRefusedRatherThanToldToRetry() throws Exception {
        Scheduling one = new Scheduling(Map.of(), 1, 1);
        EngineConfig config = new EngineConfig(Path.of("models"), 2, 64, 16, 1, 1 << 20, 1, 2, one);
        RequestChecks checks = new RequestChecks(LaneRig.BUNDLE, config);
        assertThat(checks.check(request(ONE, 3, SamplingOptions.NEUTRAL)).count()).isEqualTo(3);
        assertThatThrownBy(() -> checks.check(request(ONE, 4, SamplingOptions.NEUTRAL)))
                .asInstanceOf(type(EngineException.class))
                .satisfies(refused -> assertThat(refused.reason()).isEqualTo(Reason.COUNT_OUT_OF_RANGE));
    }

    @Test
    void schedulingIsCheckedAndHasDefaults() {
        assertThat(EngineConfig.defaults(Path.of("models")).scheduling()).isEqualTo(new Scheduling(Map.of(), 32, 48));
        assertThatThrownBy(() -> new Scheduling(Map.of("a", 0), 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Scheduling(Map.of("a", 1001), 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Scheduling(Map.of(), 0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Scheduling(Map.of(), 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }
}
