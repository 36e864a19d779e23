package io.scanline.server.engine;

import java.util.Optional;

/** What was admitted: it completes, ends early for a reason, or is given up. Safe for use by any thread. */
public interface Admitted {
    /** The model that does it. */
    ModelInfo model();

    /** Why it ended early (CANCELLED, DEADLINE_EXCEEDED, SHUTTING_DOWN, INTERNAL); empty otherwise. */
    Optional<EngineException> failure();

    /** Gives up what is not done. Idempotent. */
    void cancel();
}
