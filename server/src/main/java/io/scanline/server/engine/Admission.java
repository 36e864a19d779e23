package io.scanline.server.engine;

import java.time.Duration;
import java.util.Arrays;

/**
 * Whether a request may join the queue. The steps of every image are known, so the only thing estimated is the time of
 * a step, and that is measured.
 */
final class Admission {
    private static final Duration SHORTEST_RETRY = Duration.ofMillis(1);

    private final int steps;
    private final int maxQueued;
    private final StepTimes times;

    Admission(int steps, int maxQueued, StepTimes times) {
        this.steps = steps;
        this.maxQueued = maxQueued;
        this.times = times;
    }

    /**
     * What an admitted request is told.
     *
     * @param queuePosition images that must leave a slot or the queue before its first image starts; 0: at once
     * @param etaMillis until its last value
     */
    record Ticket(int queuePosition, long etaMillis) {}

    /**
     * Decides.
     *
     * @param remaining steps left in every slot; 0: free
     * @param waiting images in the queue
     * @param nanosAfter time that the request takes once its last value is decided
     * @throws EngineException QUEUE_FULL with the time until there is room; DEADLINE_UNREACHABLE, with the time until
     *     the queue is short enough if that can help
     */
    Ticket admit(long[] remaining, int waiting, CheckedRequest request, long nanosAfter, long now)
            throws EngineException {
        int slots = remaining.length;
        int active = (int) Arrays.stream(remaining).filter(left -> left > 0).count();
        int count = request.count();
        long[] completions = Arrays.copyOf(remaining, slots + waiting);
        Forecast forecast = new Forecast(remaining);
        for (int i = 0; i < waiting; i++) {
            completions[slots + i] = forecast.add(steps) + steps;
        }
        long stepNanos = times.nanos(Math.min(slots, active + waiting + count));
        int excess = active + waiting + count - slots - maxQueued;
        if (excess > 0) {
            Arrays.sort(completions);
            long until = completions[slots - active + excess - 1]; // free slots sort first
            throw EngineException.retry(
                    Reason.QUEUE_FULL,
                    retry(until * stepNanos),
                    waiting + " images are waiting; there is no room for " + count + " more");
        }
        long each = request.given().stepsTaken(steps);
        long finish = 0;
        for (int i = 0; i < count; i++) {
            finish = Math.max(finish, forecast.add(each) + each);
        }
        long eta = finish * stepNanos + nanosAfter;
        if (Deadline.exists(request.deadlineNanos())) {
            checkReachable(eta, aloneNanos(count, slots, each) + nanosAfter, request.deadlineNanos() - now);
        }
        return new Ticket(Math.max(0, active + waiting - slots + 1), (eta + 999_999) / 1_000_000);
    }

    /** Time that the request would take with all slots free. */
    private long aloneNanos(int count, int slots, long each) {
        long rounds = (count + slots - 1) / slots;
        return rounds * each * times.nanos(Math.min(count, slots));
    }

    /**
     * Refuses what cannot be complete before its deadline.
     *
     * @param eta expected nanoseconds to the end, others first
     * @param alone nanoseconds that it would take without others
     * @param left nanoseconds to the deadline
     */
    static void checkReachable(long eta, long alone, long left) throws EngineException {
        if (eta <= left) {
            return;
        }
        String message = "the last value is expected in " + eta / 1_000_000 + " ms; the deadline is in "
                + Math.max(0, left) / 1_000_000 + " ms";
        throw alone <= left
                ? EngineException.retry(Reason.DEADLINE_UNREACHABLE, retry(eta - left), message)
                : EngineException.of(Reason.DEADLINE_UNREACHABLE, message + ", too short even without others");
    }

    static Duration retry(long nanos) {
        Duration duration = Duration.ofNanos(nanos);
        return duration.compareTo(SHORTEST_RETRY) < 0 ? SHORTEST_RETRY : duration;
    }
}
