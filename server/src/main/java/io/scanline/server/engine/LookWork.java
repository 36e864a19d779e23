package io.scanline.server.engine;

import io.scanline.server.engine.OneShotTask.Stage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of one input to its answer: prepared on a thread that may take its time, then run in the lane. */
final class LookWork {
    private static final Logger log = LoggerFactory.getLogger(LookWork.class);

    private final OneShotLane lane;
    private final LookCodec codec;
    private final LookPreparation preparation;
    private final Stage stage;
    private final EmbedInput input;
    private final StageClock clock;
    private final CompletableFuture<float[]> answer;
    private LookTask task; // guarded by this
    private boolean givenUp; // guarded by this

    /** @param clock counts its run */
    LookWork(
            OneShotLane lane, LookCodec codec, LookPreparation preparation, Stage stage, EmbedInput input,
            StageClock clock, CompletableFuture<float[]> answer) {
        this.lane = lane;
        this.codec = codec;
        this.preparation = preparation;
        this.stage = stage;
        this.input = input;
        this.clock = clock;
        this.answer = answer;
    }

    /** Begins. Pictures take long to decode and are left to others; the rest is done at once. */
    void begin(Executor decoders) {
        if (!(input instanceof EmbedInput.Picture)) {
            prepare();
            return;
        }
        try {
            decoders.execute(this::prepare);
        } catch (RejectedExecutionException closed) {
            answer.completeExceptionally(EngineException.caused(
                    Reason.SHUTTING_DOWN, "the server is shutting down", closed));
        }
    }

    private void prepare() {
        if (givenUp()) {
            answer.cancel(false);
            return;
        }
        try {
            run(preparation.shown(input));
        } catch (EngineException refused) {
            answer.completeExceptionally(refused);
        } catch (RuntimeException | Error failure) {
            log.error("An input could not be prepared", failure);
            answer.completeExceptionally(
                    EngineException.caused(Reason.INTERNAL, "the input could not be prepared", failure));
        }
    }

    private void run(Shown shown) throws EngineException {
        LookTask submitted = lane.submit(
                stage, 1, 0, 1, Long.MAX_VALUE, (ticket, now) -> new LookTask(codec, stage, shown, clock));
        submitted.answer().whenComplete((found, failure) -> {
            if (failure == null) {
                answer.complete(found.get(0));
            } else {
                answer.completeExceptionally(failure);
            }
        });
        synchronized (this) {
            task = submitted;
        }
        if (givenUp()) {
            lane.cancel(submitted);
        }
    }

    private synchronized boolean givenUp() {
        return givenUp;
    }

    /** Nobody waits any more. */
    void giveUp() {
        LookTask running;
        synchronized (this) {
            givenUp = true;
            running = task;
        }
        if (running != null) {
            lane.cancel(running);
        }
    }
}
