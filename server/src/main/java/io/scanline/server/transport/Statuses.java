package io.scanline.server.transport;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Reason;

/** Says every reason in gRPC's words. The only place where a reason meets a status code. */
final class Statuses {
    private static final String DOMAIN = "scanline";

    private Statuses() {}

    /** The status with ErrorInfo always, BadRequest when a field is at fault, RetryInfo when waiting can help. */
    static StatusRuntimeException of(EngineException refusal) {
        Status.Builder status = Status.newBuilder()
                .setCode(code(refusal.reason()).getNumber())
                .setMessage(refusal.getMessage())
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason(refusal.reason().name())
                        .build()));
        refusal.field().ifPresent(field -> status.addDetails(Any.pack(BadRequest.newBuilder()
                .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                        .setField(field)
                        .setReason(refusal.reason().name())
                        .setDescription(refusal.getMessage()))
                .build())));
        refusal.retryAfter().ifPresent(after -> status.addDetails(Any.pack(RetryInfo.newBuilder()
                .setRetryDelay(Duration.newBuilder().setSeconds(after.getSeconds()).setNanos(after.getNano()))
                .build())));
        return StatusProto.toStatusRuntimeException(status.build());
    }

    /** The status of a fault of ours: says nothing of its cause, which belongs in the log. */
    static StatusRuntimeException internal() {
        return of(EngineException.of(Reason.INTERNAL, "the server failed; the fault is in its log"));
    }

    private static Code code(Reason reason) {
        return switch (reason) {
            // A class is a value of the request's field, not a resource of its own: CLASS_NOT_FOUND is a bad argument.
            case FIELD_REQUIRED, CLASS_NOT_FOUND, CLASS_MISMATCH, CLASS_REQUIRED, CLASS_NOT_SUPPORTED,
                    COUNT_OUT_OF_RANGE, TEMPERATURE_OUT_OF_RANGE, TOP_P_OUT_OF_RANGE, TOP_K_OUT_OF_RANGE,
                    CLIENT_NAME_INVALID,
                    PREFIX_TOO_LONG, IMAGE_SIZE_MISMATCH, VALUE_OUT_OF_RANGE, ENUM_UNKNOWN, INTERVAL_OUT_OF_RANGE,
                    FIELD_NOT_SUPPORTED, LATENT_KIND_MISMATCH, LATENT_SIZE_MISMATCH, LATENT_NOT_FINITE,
                    CODE_OUT_OF_RANGE, FRAMES_OUT_OF_RANGE, IMPORTANCE_SAMPLES_OUT_OF_RANGE, GIVEN_SIZE_MISMATCH,
                    MASK_OUT_OF_RANGE, FIELD_CONFLICT, KEEP_OUT_OF_RANGE, MARGIN_OUT_OF_RANGE, PERCENT_OUT_OF_RANGE,
                    PREVIEW_SIZE_OUT_OF_RANGE, HOLD_OUT_OF_RANGE, IMAGE_INDEX_OUT_OF_RANGE, NEXT_INDEX_OUT_OF_RANGE,
                    FORK_MODEL_MISMATCH, STARTED_TWICE, PICTURE_FORMAT_UNKNOWN, PICTURE_UNREADABLE, PICTURE_TOO_LARGE,
                    TEXT_TOO_LONG, TEMPLATE_INVALID, MODEL_CHANGED, PROMPT_REQUIRED, PROMPT_NOT_SUPPORTED,
                    PROMPT_TOO_LONG, INVALID_GUIDANCE, TOKENS_OUT_OF_RANGE, PRECISION_NOT_FOUND ->
                    Code.INVALID_ARGUMENT;
            case MODEL_NOT_FOUND, GENERATION_NOT_FOUND -> Code.NOT_FOUND;
            // Not UNAVAILABLE, which clients retry by themselves: a broken bundle stays broken until it is replaced.
            case MODEL_NOT_SERVING, BUNDLE_DESCRIPTION_MISSING, BUNDLE_DESCRIPTION_INVALID, BUNDLE_FILE_MISSING,
                    BUNDLE_FILE_SIZE_MISMATCH, BUNDLE_FILE_CORRUPT, BUNDLE_PATH_ESCAPES, BUNDLE_TOO_LARGE,
                    BUNDLE_GRAPH_INVALID, BUNDLE_TOKENIZER_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_STAGE_MISSING,
                    BUNDLE_STAGE_MISMATCH,
                    // Another model can do it; this one never will.
                    GENERATION_NOT_SUPPORTED, SCORE_NOT_SUPPORTED, LATENT_NOT_SUPPORTED, ENCODE_NOT_SUPPORTED,
                    INTERPOLATION_NOT_SUPPORTED, EMBEDDING_NOT_SUPPORTED, TEXT_NOT_SUPPORTED, CLASSIFY_NOT_SUPPORTED,
                    CAPTION_NOT_SUPPORTED,
                    FORK_UNDECIDED -> Code.FAILED_PRECONDITION;
            case MESSAGE_TOO_LARGE, QUEUE_FULL, CLIENT_QUEUE_FULL, DEADLINE_UNREACHABLE,
                    HOLD_MEMORY_FULL -> Code.RESOURCE_EXHAUSTED;
            case DEADLINE_EXCEEDED -> Code.DEADLINE_EXCEEDED;
            case CANCELLED, GENERATION_CANCELLED -> Code.CANCELLED;
            case READER_REPLACED -> Code.ABORTED;
            case SHUTTING_DOWN -> Code.UNAVAILABLE;
            case INTERNAL -> Code.INTERNAL;
        };
    }
}
