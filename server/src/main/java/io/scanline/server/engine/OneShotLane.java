package io.scanline.server.engine;

import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.engine.Turns.Claim;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the graphs of one model that keep nothing, encoders, a decoder, a classifier, on a thread of its own. A batch is
 * formed the moment the runtime can take it, of whatever is there: the requests take turns, an item each, so that a
 * long one does not hold up a short one. Requests that were cancelled or came too late are dropped when the batch is
 * formed.
 */
final class OneShotLane extends Lane {
    private static final Logger log = LoggerFactory.getLogger(OneShotLane.class);

    private final OneShotCodec codec;
    private final OneShotAdmission admission;
    private final LatentMetrics metrics;
    private final Turns turns = new Turns(); // guarded by lock

    // Of the lane's thread only.
    private final List<Claim> batch = new ArrayList<>();
    private final Set<OneShotTask> toTell = new LinkedHashSet<>();
    private Stage stage;
    private long runs;

    /** @param codec used by the lane's thread only, and closed by the caller after the lane */
    OneShotLane(
            ModelInfo model, OneShotCodec codec, OneShotAdmission admission, LatentMetrics metrics, OpenWork work) {
        super("one-shot", model, work);
        this.codec = codec;
        this.admission = admission;
        this.metrics = metrics;
        metrics.watch(this::atHand);
    }

    /** Makes a task, which needs to know what it was told at admission. */
    interface Maker<T extends OneShotTask> {
        T make(Admission.Ticket ticket, long now);
    }

    /**
     * Admits a request, or refuses it as {@link OneShotAdmission} says, or with SHUTTING_DOWN or DEADLINE_EXCEEDED.
     *
     * @param encodes runs of the encoder
     * @param decodes runs of the decoder
     * @param images images whose memory it holds
     */
    <T extends OneShotTask> T submit(int encodes, int decodes, int images, long deadlineNanos, Maker<T> maker)
            throws EngineException {
        return submit(Stage.ENCODE, encodes, decodes, images, deadlineNanos, maker);
    }

    /** The same for tasks whose first runs are of another graph. */
    <T extends OneShotTask> T submit(
            Stage first, int runs, int decodes, int images, long deadlineNanos, Maker<T> maker)
            throws EngineException {
        return admit(deadlineNanos, now -> {
            T task = maker.make(
                    admission.admit(turns.all(), first, runs, decodes, images, deadlineNanos, now), now);
            turns.add(task);
            wake();
            return task;
        });
    }

    /** Gives a request up; its room is free at once. */
    void cancel(OneShotTask task) {
        end(task, EngineException.of(Reason.CANCELLED, "the request was cancelled"));
    }

    /** Gives one image of a request up; false: it has ended. */
    boolean cancel(DecodedGeneration task, int image) {
        boolean givenUp = underLock(() -> {
            boolean first = !task.ended() && task.giveUp(image);
            if (first && task.complete() && task.end()) {
                leave(task);
            }
            return first;
        });
        if (givenUp) {
            tell(task);
        }
        return givenUp;
    }

    /** Ends a request early; its room is free at once. False: it had ended. */
    boolean end(OneShotTask task, EngineException why) {
        boolean ended = underLock(() -> fail(task, why));
        if (ended) {
            tell(task);
        }
        return ended;
    }

    /** Images at hand. */
    int atHand() {
        return underLock(turns::images);
    }

    /** Forms a batch. */
    @Override
    boolean arrange() {
        batch.clear();
        turns.late(System.nanoTime()).forEach(task -> failLater(task, Deadline.exceeded()));
        stage = turns.form(admission, batch);
        return !batch.isEmpty() || !toTell.isEmpty();
    }

    @Override
    void endAll() {
        turns.all().forEach(task -> failLater(task, OpenWork.shuttingDown()));
    }

    /** Until there is news, or until the first deadline of those who wait for their reader. */
    @Override
    void await(Condition awaited) {
        try {
            awaited.awaitNanos(turns.nanosToDeadline(System.nanoTime()));
        } catch (InterruptedException nobodyMayInterruptTheLane) {
            log.warn("The lane of {} was interrupted and goes on", model().name());
        }
    }

    @Override
    void round() {
        if (!batch.isEmpty()) {
            run();
        }
    }

    private void run() {
        BatchProgram program = codec.program(stage);
        long begun = System.nanoTime();
        try {
            for (int slot = 0; slot < batch.size(); slot++) {
                batch.get(slot).task().fill(codec, slot, batch.get(slot).item());
            }
            program.run(batch.size());
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A run of {}/{} failed", model().name(), model().version(), failure);
            underLock(() -> batch.forEach(claim -> failLater(claim.task(), internal())));
            return;
        }
        runs++;
        long ran = System.nanoTime() - begun; // told before a result is there: whoever sees that one sees this too
        batch.forEach(claim -> claim.task().ran(stage, runs, ran));
        for (int slot = 0; slot < batch.size(); slot++) {
            take(batch.get(slot), slot);
        }
        long took = System.nanoTime() - begun;
        admission.times(stage).times().record(batch.size(), took);
        metrics.run(stage, batch.size(), took);
    }

    private void take(Claim claim, int slot) {
        OneShotTask task = claim.task();
        try {
            task.take(codec, slot, claim.item());
            underLock(() -> {
                toTell.add(task);
                if (task.takeOne() && task.end()) {
                    leave(task);
                }
            });
        } catch (GraphException | RuntimeException | Error broken) {
            log.error("What {}/{} answered cannot be used", model().name(), model().version(), broken);
            underLock(() -> failLater(task, internal()));
        }
    }

    /** Ends a task early; false: it had ended already. */
    private boolean fail(OneShotTask task, EngineException why) {
        boolean first = task.end();
        if (first) {
            task.fail(why);
            leave(task);
        }
        return first;
    }

    /** Ends a task early and remembers to tell it. */
    private void failLater(OneShotTask task, EngineException why) {
        if (fail(task, why)) {
            toTell.add(task);
        }
    }

    private void leave(OneShotTask task) {
        turns.remove(task);
        work().end();
    }

    @Override
    void tell() {
        toTell.forEach(OneShotLane::tell);
        toTell.clear();
    }

    /** A listener's faults are its own. */
    private static void tell(OneShotTask task) {
        try {
            task.tell();
        } catch (RuntimeException | Error thrown) {
            log.error("The listener of a request threw", thrown);
        }
    }

    private static EngineException internal() {
        return EngineException.of(Reason.INTERNAL, "a run of the model failed");
    }
}
