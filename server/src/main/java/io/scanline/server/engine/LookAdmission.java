package io.scanline.server.engine;

import io.scanline.server.engine.OneShotAdmission.BatchTimes;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Room of one model that looks at images and texts, and how long those who have it take. An input has room from its
 * admission until it is answered. One that comes later, as images of a generation do, has room from the beginning, but
 * until it comes nobody waits for it. Safe for use by any thread.
 */
final class LookAdmission {
    private final int maxPending;
    private final Map<Stage, BatchTimes> times;
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicInteger promised = new AtomicInteger(); // of them, those that did not come yet are not pending

    /**
     * @param maxPending inputs that may have room at a time
     * @param times of every graph
     */
    LookAdmission(int maxPending, Map<Stage, BatchTimes> times) {
        this.maxPending = maxPending;
        this.times = times;
    }

    /** Inputs that have room. */
    int atHand() {
        return pending.get() + promised.get();
    }

    /** Time of so many runs of a graph in batches as large as can be, with nobody else there. */
    long nanos(Stage stage, int runs) {
        return times.get(stage).nanos(runs);
    }

    /**
     * Refuses what there is no room for and what cannot be done in time, as far as the graphs' own times tell.
     *
     * @param unknown inputs by graph whose answers are not known
     * @throws EngineException QUEUE_FULL, DEADLINE_UNREACHABLE
     */
    void admit(Map<Stage, Integer> unknown, long deadlineNanos) throws EngineException {
        int asked = unknown.values().stream().mapToInt(Integer::intValue).sum();
        checkRoom(atHand(), asked);
        long alone = unknown.entrySet().stream()
                .mapToLong(runs -> nanos(runs.getKey(), runs.getValue()))
                .sum();
        if (Deadline.exists(deadlineNanos) && asked > 0) {
            Admission.checkReachable(othersNanos() + alone, alone, deadlineNanos - System.nanoTime());
        }
    }

    /** So many inputs are to be answered. */
    void come(int inputs) {
        pending.addAndGet(inputs);
    }

    /** An input was answered, or its answer is needed no longer. */
    void leave() {
        pending.decrementAndGet();
    }

    /**
     * Keeps room for inputs that come later.
     *
     * @throws EngineException QUEUE_FULL
     */
    void promise(int inputs) throws EngineException {
        int taken = promised.getAndAdd(inputs) + pending.get();
        boolean room = false;
        try {
            checkRoom(taken, inputs);
            room = true;
        } finally {
            if (!room) {
                forgo(inputs);
            }
        }
    }

    /** An input that room was kept for has come. */
    void redeem() {
        come(1);
        forgo(1);
    }

    /** So many inputs that room was kept for will not come. */
    void forgo(int inputs) {
        promised.addAndGet(-inputs);
    }

    /** A request that is alone is admitted however large it is. */
    private void checkRoom(int taken, int asked) throws EngineException {
        if (taken > 0 && taken + asked > maxPending) {
            throw EngineException.retry(
                    Reason.QUEUE_FULL, Admission.retry(othersNanos()),
                    taken + " inputs are at hand; there is no room for " + asked + " more");
        }
    }

    private long othersNanos() {
        int waiting = pending.get();
        return times.values().stream().mapToLong(each -> each.nanos(waiting)).max().orElse(0);
    }
}
