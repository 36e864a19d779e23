package io.scanline.server.engine;

import java.util.List;
import java.util.Optional;

/** An admitted request. */
public interface Generation {
    /** Opaque identity, unique on this server. */
    String id();

    /** The model that makes the images. */
    ModelInfo model();

    /** The seed in use. */
    long seed();

    /** Images ahead of this request when it was admitted; 0: its first image starts at the next step. */
    int queuePosition();

    /** Estimated milliseconds from admission to the last value. */
    long etaMillis();

    /** Where it is now, as long as none of its images has started to be made; empty: one has, or it never waits. */
    default Optional<Standing> waiting() {
        return Optional.empty();
    }

    /** Its images, by index. */
    List<? extends ImageProgress> images();

    /**
     * Why it ended early (CANCELLED, DEADLINE_EXCEEDED, SHUTTING_DOWN, INTERNAL); empty while it runs or when complete.
     */
    Optional<EngineException> failure();

    /**
     * Gives up all its images that are not complete: they leave the queue at once and their slots at the next step.
     * Idempotent.
     */
    void cancel();
}
