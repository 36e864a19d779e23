package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An admitted request. Whether it has ended is decided by its lane under the lane's lock. */
final class GenerationTask implements Generation {
    private static final Logger log = LoggerFactory.getLogger(GenerationTask.class);

    private final String id = UUID.randomUUID().toString();
    private final DecodeLane lane;
    private final CheckedRequest request;
    private final Admission.Ticket ticket;
    private final ProgressListener listener;
    private final long admittedNanos;
    private final List<ImageTask> images;
    private final Optional<BestOfRace> race;
    private final StageClock clock = new StageClock();
    private final StageClock reading = new StageClock();
    private volatile EngineException failure;

    private int unfinished; // guarded by the lane's lock
    private long cancelledNanos; // guarded by the lane's lock; 0: not cancelled
    private long cancelledSteps; // guarded by the lane's lock
    private boolean paused; // guarded by the lane's lock
    private float[] condition; // guarded by the lane's lock; null: not read yet, or there is no text
    // Written by any thread that decides values, without a lock: news told twice, or a fault logged twice, do no harm.
    private long toldRun = -1;
    private boolean listenerThrew;

    GenerationTask(
            DecodeLane lane, CheckedRequest request, Admission.Ticket ticket, ProgressListener listener, long now) {
        this.lane = lane;
        this.request = request;
        this.ticket = ticket;
        this.listener = listener;
        this.admittedNanos = now;
        this.unfinished = request.count();
        List<ImageTask> made = new ArrayList<>(request.count());
        for (int i = 0; i < request.count(); i++) {
            made.add(new ImageTask(this, i, request.given(), lane.steps()));
        }
        this.images = List.copyOf(made);
        this.race = request.bestOf().map(rule -> lane.race(rule, images));
    }

    CheckedRequest request() {
        return request;
    }

    long admittedNanos() {
        return admittedNanos;
    }

    List<ImageTask> tasks() {
        return images;
    }

    boolean failed() {
        return failure != null;
    }

    /** Images that have not ended. */
    int unfinished() {
        return unfinished;
    }

    boolean paused() {
        return paused;
    }

    void setPaused(boolean now) {
        paused = now;
    }

    /** Its text was read. */
    void conditioned(float[] read) {
        condition = read;
    }

    /** What its steps are shown of its text; null: not known yet, or there is no text. */
    float[] condition() {
        return condition;
    }

    /** Whether it may take no steps: it is paused, or its text is not read yet. */
    boolean rests() {
        return paused || condition == null && request.prompt().isPresent();
    }

    /** Which images are kept; absent: all. */
    Optional<BestOfRace> race() {
        return race;
    }

    /** One more image has ended; true: it was the last one. */
    boolean finishOne() {
        boolean last = --unfinished == 0;
        if (last) {
            race.ifPresent(BestOfRace::settle);
        }
        return last;
    }

    /** Ends it early; false: it had ended already. */
    boolean fail(EngineException why) {
        if (failure != null || unfinished == 0) {
            return false;
        }
        failure = why;
        return true;
    }

    /** @param steps that the lane had taken */
    void cancelledAt(long now, long steps) {
        cancelledNanos = now;
        cancelledSteps = steps;
    }

    long cancelledSteps() {
        return cancelledSteps;
    }

    long cancelledNanos() {
        return cancelledNanos;
    }

    /**
     * True the first time it is asked about a run, so that a generation is told of a run once; true again when another
     * one with values of it ended meanwhile.
     */
    boolean firstNewsOf(long run) {
        boolean first = toldRun != run;
        toldRun = run;
        return first;
    }

    /** The steps that it had part in. */
    StageClock clock() {
        return clock;
    }

    /** The run that read its text. */
    StageClock reading() {
        return reading;
    }

    /** Tells its listener, whose faults are its own. */
    void tell() {
        try {
            listener.progressed();
        } catch (RuntimeException | Error thrown) {
            if (!listenerThrew) { // once says it all; it may throw at every step
                log.error("The listener of generation {} threw", id, thrown);
            }
            listenerThrew = true;
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ModelInfo model() {
        return lane.model();
    }

    @Override
    public long seed() {
        return request.seed();
    }

    @Override
    public Optional<CheckedPrompt> prompt() {
        return request.prompt();
    }

    @Override
    public String precision() {
        return request.precision();
    }

    @Override
    public int queuePosition() {
        return ticket.queuePosition();
    }

    @Override
    public long etaMillis() {
        return ticket.etaMillis();
    }

    @Override
    public Optional<Standing> waiting() {
        return lane.standing(this);
    }

    @Override
    public List<? extends ImageProgress> images() {
        return images;
    }

    @Override
    public Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public int end(EngineException why) {
        return lane.end(this, why);
    }

    @Override
    public boolean cancel(int image) {
        return lane.cancel(images.get(image));
    }

    @Override
    public void pause() {
        lane.pause(this, true);
    }

    @Override
    public void proceed() {
        lane.pause(this, false);
    }
}
