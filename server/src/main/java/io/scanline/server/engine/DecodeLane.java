package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the images of one model on a thread of its own, by iteration-level batching: before every step images that were
 * given up or came too late leave their slots and waiting ones take them; then one run of the graph serves all slots,
 * each at its own position. Nobody waits for a batch to fill or to finish. While nobody comes or goes, steps follow each
 * other in one round, and may be taken by several threads, each for some of the slots and at its own pace.
 */
final class DecodeLane extends Lane {
    private static final Logger log = LoggerFactory.getLogger(DecodeLane.class);

    private final int steps;
    private final int rowLength;
    private final Admission admission;
    private final StepTimes times;
    private final ModelMetrics metrics;

    private final SlotDecoder decoder;
    private final SlotBatch batch; // slots are assigned under the lock; the lane's thread runs it
    private final Roster roster; // guarded by lock

    // Of the lane's thread only; in a round of several threads of the one that runs the first slots.
    private final List<GenerationTask> toTell = new ArrayList<>();
    private final Decisions[] decisions; // by the first slot
    private long deadline = Long.MAX_VALUE; // the earliest of those who are at hand; set under the lock
    private long number; // of the round
    private int running; // slots that have part in it
    private long newest; // when the newest step ended
    private volatile boolean stopped; // the round is to end

    private final PromptLane prompts; // null: there are no texts
    private Guessing guessing; // null: every step is plain; set before the thread starts

    /**
     * @param decoder its slots are the lane's; used by the lane's thread only, and its program closed by the caller
     *     after the lane
     * @param times of a run for one value of every slot
     * @param prompts what reads texts; null: there are none. Closed by the caller after the lane
     */
    DecodeLane(
            ModelInfo model, SlotDecoder decoder, StepTimes times, int maxQueued, Scheduling scheduling,
            ModelMetrics metrics, OpenWork work, PromptLane prompts) {
        super("decode", model, "-" + metrics.precision(), work);
        this.decoder = decoder;
        this.steps = model.steps();
        ValueGrid grid = ValueGrid.drawn(model.bundle().orElseThrow());
        this.rowLength = grid.rowLength();
        this.prompts = prompts;
        float[] empty = prompts == null ? new float[0] : prompts.empty();
        this.batch = new SlotBatch(decoder.program(), grid.levels(), grid.channels(), empty);
        this.roster = new Roster(batch, prompts == null ? steps : 2L * steps, scheduling, metrics, work);
        this.admission = new Admission(steps, maxQueued, scheduling.maxQueuedPerClient(), times);
        this.times = times;
        this.metrics = metrics;
        this.decisions = new Decisions[batch.slots()];
        Arrays.setAll(decisions, first -> new Decisions(decoder, batch, first, metrics, this::broken));
        metrics.watch(this::waiting, this::active);
    }

    /** Takes windows of guessed values where they pay; to be called before {@link #start}. */
    void guess(Guessing guesses) {
        guessing = guesses;
    }

    int steps() {
        return steps;
    }

    /** What decides which images of a request are kept. */
    BestOfRace race(BestOf rule, List<ImageTask> images) {
        return new BestOfRace(rule, images, steps / rowLength, rowLength);
    }

    /** Admits a request that is done once its last value is decided. */
    GenerationTask submit(CheckedRequest request, ProgressListener listener) throws EngineException {
        return submit(request, 0, listener);
    }

    /**
     * Admits a request, or refuses it as {@link Admission} says, or with SHUTTING_DOWN or DEADLINE_EXCEEDED.
     *
     * @param nanosAfter time that the request takes once its last value is decided
     */
    GenerationTask submit(CheckedRequest request, long nanosAfter, ProgressListener listener) throws EngineException {
        GenerationTask generation = admit(request, nanosAfter, listener);
        request.prompt().ifPresent(prompt -> prompts.read(prompt.ids(), new PromptOf(generation)));
        return generation;
    }

    private GenerationTask admit(CheckedRequest request, long nanosAfter, ProgressListener listener)
            throws EngineException {
        long nanos = nanosAfter + (request.prompt().isPresent() ? prompts.nanos() : 0);
        return admit(request.deadlineNanos(), now -> {
            Admission.Ticket ticket = admission.admit(roster.remaining(), roster.line(), request, nanos, now);
            GenerationTask generation = new GenerationTask(this, request, ticket, listener, now);
            roster.enqueue(generation.tasks());
            // Who finds no slot has none before the round ends by itself, unless another one's time is up first.
            if (roster.hasRoom() || Deadline.earlier(request.deadlineNanos(), deadline) != deadline) {
                wake();
            }
            return generation;
        });
    }

    /** Has the text of a generation read. */
    private final class PromptOf implements PromptLane.Reader {
        private final GenerationTask generation;

        PromptOf(GenerationTask generation) {
            this.generation = generation;
        }

        @Override
        public boolean waits() {
            return !generation.failed();
        }

        @Override
        public void ran(long took) {
            generation.reading().ran(0, took); // its only one
        }

        @Override
        public void read(float[] condition) {
            underLock(() -> {
                generation.conditioned(condition);
                wake();
            });
        }

        @Override
        public void failed(EngineException why) {
            underLock(() -> {
                roster.end(generation, why);
                wake();
            });
        }
    }

    /** Gives a generation up; answers how many images that ended. */
    int end(GenerationTask generation, EngineException why) {
        return underLock(() -> {
            int images = generation.unfinished();
            if (!roster.end(generation, why)) {
                return 0;
            }
            generation.cancelledAt(System.nanoTime(), roster.steps());
            wake();
            return images;
        });
    }

    /** Gives one image up; false: it has ended. */
    boolean cancel(ImageTask image) {
        return underLock(() -> {
            boolean cancelled = roster.cancel(image, System.nanoTime());
            wake();
            return cancelled;
        });
    }

    /** Where a generation is, none of whose images has started; empty: one has, or it has ended. */
    Optional<Standing> standing(GenerationTask generation) {
        return underLock(() -> admission.standing(roster.remaining(), roster.line(), generation));
    }

    /** Takes no steps for a generation after the one at hand, or takes them again. */
    void pause(GenerationTask generation, boolean paused) {
        underLock(() -> {
            roster.pause(generation, paused);
            wake();
        });
    }

    int waiting() {
        return underLock(roster::waiting);
    }

    int active() {
        return underLock(roster::active);
    }

    @Override
    void round() {
        if (batch.running() > 0) {
            step();
        }
    }

    @Override
    boolean arrange() {
        long now = System.nanoTime();
        deadline = roster.expire(now);
        roster.release(now);
        roster.park();
        roster.admit(now);
        boolean idle = roster.isIdle();
        roster.takeUntold(toTell);
        return !idle;
    }

    @Override
    void endAll() {
        roster.endAll(OpenWork.shuttingDown());
        roster.release(System.nanoTime());
        roster.takeUntold(toTell);
    }

    private void step() {
        number++;
        stopped = batch.hasRaces(); // those take one step at a time
        running = batch.running();
        long begun = System.nanoTime();
        try {
            takeSteps(begun);
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A step of {}/{} failed", model().name(), model().version(), failure);
            underLock(() -> roster.endActive(internal()));
            return;
        }
        long now = System.nanoTime();
        boolean judge = false;
        boolean complete = false;
        for (int slot = 0; slot < running; slot += decisions[slot].slots()) {
            Decisions group = decisions[slot];
            group.count(now - begun);
            judge |= group.judge();
            complete |= group.complete();
        }
        if (judge) {
            underLock(roster::judge);
        }
        if (complete) {
            underLock(() -> roster.finishComplete(now));
        }
    }

    /** Windows of guessed values where they pay, or plain steps, one or more. */
    private void takeSteps(long begun) throws GraphException {
        newest = begun;
        int guessed = guessing == null
                ? 0
                : decisions[0].drawGuessed(number, running, drawing -> guessing.step(batch, drawing));
        if (guessed > 0) {
            stepped(guessed);
        } else {
            newest = System.nanoTime(); // what guessing in vain took is no part of a plain step
            decoder.stride(batch, this::ran);
        }
    }

    /** What follows a run of slots, on the thread that made it; false: all are to come to an end. */
    private boolean ran(int first, int slots, long nanos) {
        boolean goesOn = decisions[first].decideAll(number, slots);
        if (first == 0) {
            stepped(running * decoder.span());
            goesOn &= guessing == null || guessing.plainTook(running, nanos);
            goesOn &= !Deadline.passed(deadline, newest);
        }
        if (!goesOn) {
            stopped = true;
        }
        if (stopped || called()) {
            return false; // the lane tells when it has seen which images are complete
        }
        decisions[first].tell();
        return true;
    }

    /** So many values of all slots were decided since the last step, as far as those of the first slots tell. */
    private void stepped(int values) {
        long now = System.nanoTime();
        roster.stepped();
        times.record(running, now - newest, values);
        metrics.step(running, now - newest);
        newest = now;
    }

    private void broken(GenerationTask generation, Exception failure) {
        log.error("A value of {}/{} could not be decided", model().name(), model().version(), failure);
        underLock(() -> roster.end(generation, internal()));
    }

    @Override
    void tell() {
        toTell.forEach(GenerationTask::tell);
        toTell.clear();
        for (Decisions group : decisions) {
            group.tell();
        }
    }

    private static EngineException internal() {
        return EngineException.of(Reason.INTERNAL, "a step of the model failed");
    }
}
