package io.scanline.server.engine;

import java.time.Duration;
import java.util.Optional;

/** A refusal or failure with a stable reason, in words fit for a client: no paths, no traces. */
public final class EngineException extends Exception {
    private final Reason reason;
    private final String field;
    private final Duration retryAfter;

    private EngineException(Reason reason, String field, Duration retryAfter, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.field = field;
        this.retryAfter = retryAfter;
    }

    /** A refusal that is nobody's field. */
    public static EngineException of(Reason reason, String message) {
        return new EngineException(reason, null, null, message, null);
    }

    /** A refusal because of one field of the request, named as in the proto, e.g. "sampling.temperature". */
    public static EngineException field(Reason reason, String field, String message) {
        return new EngineException(reason, field, null, message, null);
    }

    /** A refusal of something that can succeed after this time. */
    public static EngineException retry(Reason reason, Duration after, String message) {
        return new EngineException(reason, null, after, message, null);
    }

    /** A failure with a cause for the log. */
    public static EngineException caused(Reason reason, String message, Throwable cause) {
        return new EngineException(reason, null, null, message, cause);
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** The field at fault, if one is. */
    public Optional<String> field() {
        return Optional.ofNullable(field);
    }

    /** When to try again, if that can help. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
