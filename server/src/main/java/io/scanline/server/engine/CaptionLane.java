package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the captions of one model on a thread of its own, by iteration-level batching: before every step captions that
 * were given up or came too late leave their slots, one that waits takes a free one and a bit of work is done for its
 * beginning; then one run of the graph adds a token to every caption that runs.
 */
final class CaptionLane extends Lane {
    private static final Logger log = LoggerFactory.getLogger(CaptionLane.class);

    private final CaptionSlots slots; // assigned under the lock; the lane's thread runs them
    private final Supplier<GrowingText> texts;
    private final CaptionAdmission admission;
    private final StepTimes times;
    private final CaptionMetrics metrics;

    private final Set<CaptionTask> preparing = new LinkedHashSet<>(); // guarded by lock
    private final WaitingLine<CaptionTask> waiting; // guarded by lock
    private final List<CaptionTask> untold = new ArrayList<>(); // guarded by lock: those that ended

    private final List<CaptionTask> toTell = new ArrayList<>(); // of the lane's thread only

    /**
     * @param slots used by the lane's thread only, and closed by the caller after the lane
     * @param texts begins the text of a caption
     */
    CaptionLane(
            ModelInfo model, CaptionSlots slots, Supplier<GrowingText> texts, StepTimes times, int maxQueued,
            Scheduling scheduling, CaptionMetrics metrics, OpenWork work) {
        super("caption", model, work);
        this.slots = slots;
        this.texts = texts;
        this.waiting = new WaitingLine<>(model.captionTokens(), scheduling);
        this.admission = new CaptionAdmission(maxQueued, scheduling.maxQueuedPerClient(), times);
        this.times = times;
        this.metrics = metrics;
        metrics.watch(this::waiting, this::active);
    }

    /**
     * Admits a request, or refuses it as {@link CaptionAdmission} says, or with SHUTTING_DOWN or DEADLINE_EXCEEDED. Its
     * picture is then to be made ready.
     */
    CaptionTask submit(CheckedCaption request, ProgressListener listener) throws EngineException {
        return admit(request.deadlineNanos(), now -> {
            admission.admit(remaining(), waiting, preparing, request.precedence().client());
            CaptionTask caption = new CaptionTask(this, request, texts.get(), listener, now);
            preparing.add(caption);
            return caption;
        });
    }

    /** The picture of a caption is ready: it may have a slot. */
    void ready(CaptionTask caption, byte[] levels) {
        boolean waits = underLock(() -> {
            if (!preparing.remove(caption)) {
                return false; // it has ended
            }
            waiting.add(caption.request().precedence(), caption, caption.maxTokens());
            caption.ready(levels, CaptionAdmission.position(slots.slots() - slots.size(), waiting, caption));
            wake();
            return true;
        });
        if (waits) {
            caption.tell();
        }
    }

    /** Ends a caption early: it leaves the queue now and its slot before the next step. */
    void end(CaptionTask caption, EngineException why) {
        underLock(() -> {
            if (fail(caption, why)) {
                caption.cancelledAt(System.nanoTime());
                wake();
            }
        });
    }

    private boolean fail(CaptionTask caption, EngineException why) {
        if (!caption.fail(why)) {
            return false;
        }
        preparing.remove(caption);
        waiting.removeIf(other -> other == caption);
        untold.add(caption);
        metrics.ended(why.reason().name());
        work().end();
        return true;
    }

    int waiting() {
        return underLock(() -> waiting.size() + preparing.size());
    }

    int active() {
        return underLock(slots::size);
    }

    /** Most tokens left in every slot; 0: free. A slot whose caption has ended is as good as free. */
    private long[] remaining() {
        long[] remaining = new long[slots.slots()];
        for (int slot = 0; slot < slots.size(); slot++) {
            CaptionTask caption = slots.caption(slot);
            remaining[slot] = caption.over() ? 0 : Math.max(1, caption.maxTokens() - caption.drawn());
        }
        return remaining;
    }

    @Override
    void round() {
        if (slots.running() > 0) {
            step();
            tell();
        }
        if (slots.beginning()) {
            begin();
        }
    }

    @Override
    boolean arrange() {
        long now = System.nanoTime();
        fail(caption -> Deadline.passed(caption.request().deadlineNanos(), now), Deadline::exceeded);
        release();
        if (!slots.beginning() && slots.size() < slots.slots() && !waiting.isEmpty()) {
            slots.add(waiting.poll().item());
        }
        takeUntold();
        return slots.size() > 0 || !toTell.isEmpty();
    }

    @Override
    void endAll() {
        fail(caption -> true, OpenWork::shuttingDown);
        release();
        takeUntold();
    }

    /** Ends captions early: in slots, in line, and those whose pictures are not ready. */
    private void fail(Predicate<CaptionTask> which, Supplier<EngineException> why) {
        List<CaptionTask> found = new ArrayList<>(0); // ending one changes the queue, so it is not walked meanwhile
        Consumer<CaptionTask> look = caption -> {
            if (which.test(caption)) {
                found.add(caption);
            }
        };
        preparing.forEach(look);
        waiting.forEach(look);
        for (int slot = 0; slot < slots.size(); slot++) {
            look.accept(slots.caption(slot));
        }
        found.forEach(caption -> fail(caption, why.get()));
    }

    private void takeUntold() {
        toTell.addAll(untold);
        untold.clear();
    }

    /** Frees the slots of captions that have ended; tokens that they did not take are not counted. */
    private void release() {
        for (int slot = slots.size() - 1; slot >= 0; slot--) {
            CaptionTask caption = slots.caption(slot);
            if (caption.over()) {
                waiting.refund(caption.request().precedence(), (long) caption.maxTokens() - caption.drawn());
                slots.remove(slot);
                if (caption.cancelledNanos() != 0) {
                    metrics.cancelToSlotFree(System.nanoTime() - caption.cancelledNanos());
                }
            }
        }
    }

    private void step() {
        int size = slots.running();
        long begun = System.nanoTime();
        try {
            slots.step();
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A step of {}/{} failed", model().name(), model().version(), failure);
            underLock(() -> {
                for (int slot = 0; slot < size; slot++) {
                    fail(slots.caption(slot), internal());
                }
            });
            return;
        }
        long now = System.nanoTime();
        times.record(size, now - begun);
        metrics.step(size, now - begun);
        for (int slot = 0; slot < size; slot++) {
            draw(slots.caption(slot), slot, now);
        }
    }

    private void begin() {
        int slot = slots.running();
        CaptionTask caption = slots.caption(slot);
        try {
            if (slots.begin()) {
                underLock(slots::join);
                draw(caption, 0, System.nanoTime());
            }
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A caption of {}/{} could not be begun", model().name(), model().version(), failure);
            underLock(() -> fail(caption, internal()));
        }
    }

    private void draw(CaptionTask caption, int row, long now) {
        boolean first = caption.drawn() == 0;
        CaptionSlots.Drawn drawn;
        try {
            drawn = slots.draw(caption, row, now);
        } catch (GraphException | RuntimeException broken) {
            log.error("A token of {}/{} could not be drawn", model().name(), model().version(), broken);
            underLock(() -> fail(caption, internal()));
            return;
        }
        if (first) {
            metrics.firstToken(now - caption.admittedNanos());
        }
        if (drawn != CaptionSlots.Drawn.END) {
            metrics.token();
        }
        boolean ended = drawn == CaptionSlots.Drawn.END;
        if (drawn != CaptionSlots.Drawn.TOKEN && caption.complete(ended, now)) {
            metrics.ended(ended ? CaptionMetrics.COMPLETE : CaptionMetrics.LENGTH);
            work().end();
        }
        toTell.add(caption);
    }

    @Override
    void tell() {
        toTell.forEach(CaptionTask::tell);
        toTell.clear();
    }

    private static EngineException internal() {
        return EngineException.of(Reason.INTERNAL, "a step of the model failed");
    }
}
