package io.scanline.server.engine;

import java.util.List;
import java.util.Optional;

/** An admitted request for images. */
public interface Generation extends Admitted {
    /** Opaque identity, unique on this server. */
    String id();

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

    /** What was read of its prompt; empty: there is none. */
    default Optional<CheckedPrompt> prompt() {
        return Optional.empty();
    }

    /** Arithmetic of its steps; empty: its model takes none. */
    default String precision() {
        return "";
    }

    /** Its images, by index. */
    List<? extends ImageProgress> images();

    /**
     * Why it ended early (CANCELLED, GENERATION_CANCELLED, DEADLINE_EXCEEDED, SHUTTING_DOWN, INTERNAL); empty while it
     * runs or when complete.
     */
    @Override
    Optional<EngineException> failure();

    /**
     * Gives up all its images that are not complete: they leave the queue at once and their slots at the next step.
     * Idempotent.
     */
    @Override
    default void cancel() {
        end(EngineException.of(Reason.CANCELLED, "the request was cancelled"));
    }

    /**
     * Gives up all its images that are not complete, for this reason.
     *
     * @return how many; 0 when it has ended
     */
    int end(EngineException why);

    /**
     * Gives up one image; the others go on. It leaves the queue at once or its slot at the next step, and then has a
     * result.
     *
     * @param image its index
     * @return false: it has ended
     */
    boolean cancel(int image);

    /** Decides no more values after those on their way, and keeps its slots, until it is to proceed. Idempotent. */
    void pause();

    /** Goes on. Without effect when it was not paused. */
    void proceed();

    /** Of a pipeline: what its stages took so far, in their order. */
    default List<StageTime> stages() {
        return List.of();
    }
}
