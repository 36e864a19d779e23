package io.scanline.server.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusesTest {
    private static final Set<Reason> NEVER_BY_THIS_MODEL = Set.of(
            Reason.GENERATION_NOT_SUPPORTED, Reason.SCORE_NOT_SUPPORTED, Reason.LATENT_NOT_SUPPORTED,
            Reason.ENCODE_NOT_SUPPORTED,
            Reason.INTERPOLATION_NOT_SUPPORTED, Reason.EMBEDDING_NOT_SUPPORTED, Reason.TEXT_NOT_SUPPORTED,
            Reason.CLASSIFY_NOT_SUPPORTED, Reason.CAPTION_NOT_SUPPORTED);
    private static final Map<Reason, Status.Code> OF_IDENTITY = Map.of(
            Reason.GENERATION_NOT_FOUND, Status.Code.NOT_FOUND,
            Reason.HOLD_MEMORY_FULL, Status.Code.RESOURCE_EXHAUSTED,
            Reason.FORK_UNDECIDED, Status.Code.FAILED_PRECONDITION,
            Reason.READER_REPLACED, Status.Code.ABORTED,
            Reason.GENERATION_CANCELLED, Status.Code.CANCELLED);
    private static final Map<Reason, Status.Code> NOT_THE_REQUESTS_FAULT = Map.of(
            Reason.MODEL_NOT_FOUND, Status.Code.NOT_FOUND,
            Reason.MODEL_NOT_SERVING, Status.Code.FAILED_PRECONDITION,
            Reason.MESSAGE_TOO_LARGE, Status.Code.RESOURCE_EXHAUSTED,
            Reason.QUEUE_FULL, Status.Code.RESOURCE_EXHAUSTED,
            Reason.CLIENT_QUEUE_FULL, Status.Code.RESOURCE_EXHAUSTED,
            Reason.DEADLINE_UNREACHABLE, Status.Code.RESOURCE_EXHAUSTED,
            Reason.DEADLINE_EXCEEDED, Status.Code.DEADLINE_EXCEEDED,
            Reason.CANCELLED, Status.Code.CANCELLED,
            Reason.SHUTTING_DOWN, Status.Code.UNAVAILABLE,
            Reason.INTERNAL, Status.Code.INTERNAL);

    @ParameterizedTest
    @EnumSource(Reason.class)
    void everyReasonHasItsCodeAndIsNamed(Reason reason) throws Exception {
        StatusRuntimeException status = Statuses.of(EngineException.of(reason, "A sentence."));

        Status.Code otherwise = reason.name().startsWith("BUNDLE_") || NEVER_BY_THIS_MODEL.contains(reason)
                ? Status.Code.FAILED_PRECONDITION : Status.Code.INVALID_ARGUMENT;
        Status.Code byIdentity = OF_IDENTITY.getOrDefault(reason, otherwise);
        assertThat(status.getStatus().getCode()).isEqualTo(NOT_THE_REQUESTS_FAULT.getOrDefault(reason, byIdentity));
        assertThat(status.getStatus().getDescription()).isEqualTo("A sentence.");
        assertThat(ErrorDetails.of(status)).isEqualTo(new ErrorDetails("scanline", reason.name(), "", -1));
    }

    @Test
    void fieldAtFaultIsNamed() throws Exception {
        StatusRuntimeException status =
                Statuses.of(EngineException.field(Reason.COUNT_OUT_OF_RANGE, "count", "Too many."));

        assertThat(ErrorDetails.of(status).field()).isEqualTo("count");
    }

    @Test
    void retrySaysWhen() throws Exception {
        StatusRuntimeException status =
                Statuses.of(EngineException.retry(Reason.QUEUE_FULL, Duration.ofMillis(2500), "Full."));

        assertThat(ErrorDetails.of(status).retryMillis()).isEqualTo(2500);
    }
}
