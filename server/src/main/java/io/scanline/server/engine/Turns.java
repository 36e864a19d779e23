package io.scanline.server.engine;

import io.scanline.server.engine.OneShotTask.Stage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The requests at hand of a one-shot lane, and whose turn it is. Guarded by the lock of its lane. */
final class Turns {
    private final ArrayDeque<OneShotTask> tasks = new ArrayDeque<>();

    /** One item of a batch; its place in the batch is its slot. */
    record Claim(OneShotTask task, int item) {}

    void add(OneShotTask task) {
        tasks.add(task);
    }

    void remove(OneShotTask task) {
        tasks.remove(task);
    }

    /** All of them, next first. */
    Collection<OneShotTask> all() {
        return List.copyOf(tasks);
    }

    /** Images that they hold. */
    int images() {
        return tasks.stream().mapToInt(OneShotTask::room).sum();
    }

    /** Those whose deadline passed. */
    List<OneShotTask> late(long now) {
        List<OneShotTask> late = new ArrayList<>(0);
        for (OneShotTask task : tasks) {
            if (Deadline.passed(task.deadlineNanos(), now)) {
                late.add(task);
            }
        }
        return late;
    }

    /** Nanoseconds to the first deadline; {@link Long#MAX_VALUE}: there is none. */
    long nanosToDeadline(long now) {
        return tasks.stream()
                .filter(task -> Deadline.exists(task.deadlineNanos()))
                .mapToLong(task -> task.deadlineNanos() - now)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /**
     * Forms a batch: everybody in turn gives an item, as long as there is room and somebody has one for the same graph.
     *
     * @param limits says how large a batch of a graph may be
     * @param batch is given the items
     * @return the graph; WAIT when nobody has an item
     */
    Stage form(OneShotAdmission limits, List<Claim> batch) {
        Stage stage = Stage.WAIT;
        int idle = 0;
        while (idle < tasks.size() && (stage == Stage.WAIT || batch.size() < limits.times(stage).largest())) {
            OneShotTask task = tasks.poll();
            tasks.add(task);
            Stage wanted = task.stage();
            if (wanted == Stage.WAIT || stage != Stage.WAIT && wanted != stage) {
                idle++;
            } else {
                stage = wanted;
                batch.add(new Claim(task, task.claim()));
                idle = 0;
            }
        }
        return stage;
    }
}
