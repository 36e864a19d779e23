package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the captions of one model on a thread of its own, by iteration-level batching: before every step captions that
 * were given up or came too late leave their slots, one that waits takes a free one and a bit of work is done for its
 * beginning; then one run of the graph adds a token to every caption that runs.
 *
 * <p>The lock guards who waits, who has a slot and who has ended. It is never held while a graph runs or a listener is
 * told, so that a caller waits for no model.
 */
final class CaptionLane implements Releasable {
    private static final Logger log = LoggerFactory.getLogger(CaptionLane.class);

    private final ModelInfo model;
    private final CaptionSlots slots; // assigned under the lock; the lane's thread runs them
    private final Supplier<GrowingText> texts;
    private final CaptionAdmission admission;
    private final StepTimes times;
    private final CaptionMetrics metrics;
    private final OpenWork work;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final Set<CaptionTask> preparing = new LinkedHashSet<>(); // guarded by lock
    private final WaitingLine<CaptionTask> waiting; // guarded by lock
    private final List<CaptionTask> untold = new ArrayList<>(); // guarded by lock: those that ended
    private boolean closing; // guarded by lock

    private final List<CaptionTask> toTell = new ArrayList<>(); // of the lane's thread only

    /**
     * @param slots used by the lane's thread only, and closed by the caller after the lane
     * @param texts begins the text of a caption
     */
    CaptionLane(
            ModelInfo model, CaptionSlots slots, Supplier<GrowingText> texts, StepTimes times, int maxQueued,
            Scheduling scheduling, CaptionMetrics metrics, OpenWork work) {
        this.model = model;
        this.slots = slots;
        this.texts = texts;
        this.waiting = new WaitingLine<>(model.captionTokens(), scheduling);
        this.admission = new CaptionAdmission(maxQueued, scheduling.maxQueuedPerClient(), times);
        this.times = times;
        this.metrics = metrics;
        this.work = work;
        this.thread = new Thread(this::serve, "caption-" + model.name() + "-" + model.version());
        thread.setDaemon(true);
        metrics.watch(this::waiting, this::active);
    }

    void start() {
        thread.start();
    }

    ModelInfo model() {
        return model;
    }

    /**
     * Admits a request, or refuses it as {@link CaptionAdmission} says, or with SHUTTING_DOWN or DEADLINE_EXCEEDED. Its
     * picture is then to be made ready.
     */
    CaptionTask submit(CheckedCaption request, ProgressListener listener) throws EngineException {
        boolean admitted = false;
        work.begin();
        lock.lock();
        try {
            if (closing) {
                throw shuttingDown();
            }
            long now = System.nanoTime();
            if (Deadline.passed(request.deadlineNanos(), now)) {
                throw Deadline.exceeded();
            }
            admission.admit(remaining(), waiting, preparing, request.precedence().client());
            CaptionTask caption = new CaptionTask(this, request, texts.get(), listener, now);
            preparing.add(caption);
            admitted = true;
            return caption;
        } finally {
            lock.unlock();
            if (!admitted) {
                work.end();
            }
        }
    }

    /** The picture of a caption is ready: it may have a slot. */
    void ready(CaptionTask caption, byte[] levels) {
        lock.lock();
        try {
            if (!preparing.remove(caption)) {
                return; // it has ended
            }
            waiting.add(caption.request().precedence(), caption, caption.maxTokens());
            caption.ready(levels, CaptionAdmission.position(slots.slots() - slots.size(), waiting, caption));
            news.signal();
        } finally {
            lock.unlock();
        }
        caption.tell();
    }

    /** Ends a caption early: it leaves the queue now and its slot before the next step. */
    void end(CaptionTask caption, EngineException why) {
        underLock(() -> {
            if (fail(caption, why)) {
                caption.cancelledAt(System.nanoTime());
                news.signal();
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
        work.end();
        return true;
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size() + preparing.size();
        } finally {
            lock.unlock();
        }
    }

    int active() {
        lock.lock();
        try {
            return slots.size();
        } finally {
            lock.unlock();
        }
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

    /** Ends all captions with SHUTTING_DOWN and then its thread. */
    @Override
    public void close() {
        underLock(() -> {
            closing = true;
            news.signal();
        });
        Threads.join(thread);
    }

    private void serve() {
        while (arrange()) {
            tell();
            if (slots.running() > 0) {
                step();
                tell();
            }
            if (slots.beginning()) {
                begin();
            }
            tell();
        }
        tell();
    }

    /** What happens between two steps; waits while there is nothing to do. False: the lane is to end. */
    private boolean arrange() {
        lock.lock();
        try {
            change();
            while (slots.size() == 0 && untold.isEmpty() && !closing) {
                news.awaitUninterruptibly();
                change();
            }
            if (closing) {
                all().forEach(caption -> fail(caption, shuttingDown()));
                release();
            }
            toTell.addAll(untold);
            untold.clear();
            return !closing;
        } finally {
            lock.unlock();
        }
    }

    private void change() {
        long now = System.nanoTime();
        all().stream()
                .filter(caption -> Deadline.passed(caption.request().deadlineNanos(), now))
                .forEach(caption -> fail(caption, Deadline.exceeded()));
        release();
        if (!slots.beginning() && slots.size() < slots.slots() && !waiting.isEmpty()) {
            slots.add(waiting.poll().item());
        }
    }

    /** Those that have not been told their end: in slots, in line, and those whose pictures are not ready. */
    private List<CaptionTask> all() {
        List<CaptionTask> all = new ArrayList<>(preparing);
        waiting.forEach(all::add);
        for (int slot = 0; slot < slots.size(); slot++) {
            all.add(slots.caption(slot));
        }
        return all;
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
            log.error("A step of {}/{} failed", model.name(), model.version(), failure);
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
            log.error("A caption of {}/{} could not be begun", model.name(), model.version(), failure);
            underLock(() -> fail(caption, internal()));
        }
    }

    private void draw(CaptionTask caption, int row, long now) {
        boolean first = caption.drawn() == 0;
        CaptionSlots.Drawn drawn;
        try {
            drawn = slots.draw(caption, row, now);
        } catch (GraphException | RuntimeException broken) {
            log.error("A token of {}/{} could not be drawn", model.name(), model.version(), broken);
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
            work.end();
        }
        toTell.add(caption);
    }

    private void tell() {
        toTell.forEach(CaptionTask::tell);
        toTell.clear();
    }

    private void underLock(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    private static EngineException internal() {
        return EngineException.of(Reason.INTERNAL, "a step of the model failed");
    }

    private static EngineException shuttingDown() {
        return EngineException.of(Reason.SHUTTING_DOWN, "the server is shutting down");
    }
}
