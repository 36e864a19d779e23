package io.scanline.server.transport;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Deadline;
import io.scanline.server.engine.BestOf;
import io.scanline.server.engine.ClassSelector;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ForkPoint;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.Keeping;
import io.scanline.server.engine.MaskedValues;
import io.scanline.server.engine.Precedence;
import io.scanline.server.engine.Priority;
import io.scanline.server.engine.PromptOptions;
import io.scanline.server.engine.Reason;
import io.scanline.server.engine.SamplingOptions;
import io.scanline.server.engine.ScoreRequest;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.Fork;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.Sampling;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Reads messages of the wire into requests of the engine. Ranges are the engine's to check, and
 * uint32 values above 2^31 - 1 stay negative as protobuf hands them over.
 */
final class Requests {
    private Requests() {}

    /** @throws EngineException FIELD_REQUIRED, ENUM_UNKNOWN */
    static GenerationRequest generation(GenerateRequest request) throws EngineException {
        ModelSelector model = request.hasFork() ? request.getModel() : required(request.getModel());
        // What is held outlives its call: the call's deadline is the end of a stream and not of the work.
        long deadlineNanos = keeping(request).held() ? Long.MAX_VALUE : deadlineNanos();
        return new GenerationRequest(
                model.getName(),
                model.getVersion(),
                label(request.hasLabel(), request.getLabel()),
                request.hasSeed() ? OptionalLong.of(request.getSeed()) : OptionalLong.empty(),
                request.hasCount() ? request.getCount() : 1,
                sampling(request.getSampling()),
                request.getPrefix().toByteArray(),
                request.hasGiven() ? Optional.of(given(request.getGiven())) : Optional.empty(),
                request.hasBestOf() ? Optional.of(bestOf(request.getBestOf())) : Optional.empty(),
                deadlineNanos,
                new Precedence(ClientName.current(), priority(request)),
                new PromptOptions(
                        request.hasPrompt() ? Optional.of(request.getPrompt()) : Optional.empty(),
                        request.hasGuidance() ? Optional.of(request.getGuidance()) : Optional.empty()),
                request.getPrecision());
    }

    /** @throws EngineException ENUM_UNKNOWN */
    static Keeping keeping(GenerateRequest request) throws EngineException {
        return switch (request.getOnDisconnect()) {
            case ON_DISCONNECT_UNSPECIFIED, ON_DISCONNECT_STOP -> new Keeping(false, request.getHoldMs());
            case ON_DISCONNECT_FINISH_AND_HOLD -> new Keeping(true, request.getHoldMs());
            case UNRECOGNIZED -> throw EngineException.field(Reason.ENUM_UNKNOWN, "on_disconnect",
                    "on_disconnect " + request.getOnDisconnectValue() + " is not known to this server");
        };
    }

    static Optional<ForkPoint> fork(GenerateRequest request) {
        Fork fork = request.getFork();
        return request.hasFork()
                ? Optional.of(new ForkPoint(fork.getGenerationId(), fork.getImageIndex(), fork.getSteps()))
                : Optional.empty();
    }

    private static MaskedValues given(io.scanline.v1.MaskedValues given) {
        return new MaskedValues(given.getValues().toByteArray(), given.getMask().toByteArray());
    }

    private static BestOf bestOf(io.scanline.v1.BestOf rule) {
        return new BestOf(rule.getKeep() == 0 ? 1 : rule.getKeep(), rule.getMarginNats());
    }

    /** @throws EngineException FIELD_REQUIRED */
    static ScoreRequest score(io.scanline.v1.ScoreRequest request) throws EngineException {
        ModelSelector model = required(request.getModel());
        return new ScoreRequest(
                model.getName(),
                model.getVersion(),
                label(request.hasLabel(), request.getLabel()),
                request.getImagesList().stream().map(ByteString::toByteArray).toList(),
                request.getPerValue(),
                request.hasImportanceSamples()
                        ? OptionalInt.of(request.getImportanceSamples())
                        : OptionalInt.empty(),
                request.getSeed(),
                request.hasPrompt() ? Optional.of(request.getPrompt()) : Optional.empty(),
                request.getPrecision(),
                deadlineNanos());
    }

    /** @throws EngineException FIELD_REQUIRED */
    static ModelSelector required(ModelSelector model) throws EngineException {
        if (model.getName().isEmpty()) {
            throw EngineException.field(Reason.FIELD_REQUIRED, "model.name", "model.name is missing");
        }
        return model;
    }

    static ClassSelector label(boolean given, ClassLabel label) {
        if (!given) {
            return ClassSelector.NONE;
        }
        return new ClassSelector(
                label.hasIndex() ? OptionalInt.of(label.getIndex()) : OptionalInt.empty(), label.getName());
    }

    private static Priority priority(GenerateRequest request) throws EngineException {
        return switch (request.getPriority()) {
            case PRIORITY_HIGH -> Priority.HIGH;
            case PRIORITY_UNSPECIFIED, PRIORITY_NORMAL -> Priority.NORMAL;
            case PRIORITY_LOW -> Priority.LOW;
            case UNRECOGNIZED -> throw EngineException.field(
                    Reason.ENUM_UNKNOWN, "priority",
                    "priority " + request.getPriorityValue() + " is not known to this server");
        };
    }

    static SamplingOptions sampling(Sampling sampling) {
        SamplingOptions neutral = SamplingOptions.NEUTRAL;
        return new SamplingOptions(
                sampling.hasTemperature() ? sampling.getTemperature() : neutral.temperature(),
                sampling.getTopK(),
                sampling.hasTopP() ? sampling.getTopP() : neutral.topP());
    }

    /** Deadline of the current call on the clock of {@link System#nanoTime()}. */
    static long deadlineNanos() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? Long.MAX_VALUE : System.nanoTime() + deadline.timeRemaining(TimeUnit.NANOSECONDS);
    }
}
