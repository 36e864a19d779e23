package io.scanline.server.engine;

import io.scanline.server.engine.OneShotTask.Stage;
import java.util.Collection;
import java.util.Map;

/**
 * Whether a request may join a one-shot lane. The runs of every request are known and the requests take turns, so the
 * only thing estimated is the time of a run, and that is measured.
 */
final class OneShotAdmission {
    private final int maxImages;
    private final Map<Stage, BatchTimes> times;

    /**
     * Times of runs of one graph.
     *
     * @param largest images of the largest batch
     * @param times measured times by batch size
     */
    record BatchTimes(int largest, StepTimes times) {
        /** Nanoseconds of so many runs in batches as large as can be. */
        long nanos(long runs) {
            int rest = (int) (runs % largest);
            return runs / largest * times.nanos(largest) + (rest == 0 ? 0 : times.nanos(rest));
        }
    }

    /** @param maxImages images that may be at hand at a time */
    OneShotAdmission(int maxImages, BatchTimes encodes, BatchTimes decodes) {
        this(maxImages, Map.of(Stage.ENCODE, encodes, Stage.DECODE, decodes));
    }

    /** @param times of every graph that the lane has */
    OneShotAdmission(int maxImages, Map<Stage, BatchTimes> times) {
        this.maxImages = maxImages;
        this.times = times;
    }

    BatchTimes times(Stage stage) {
        return times.get(stage);
    }

    private long nanos(Stage stage, int runs) {
        return runs == 0 ? 0 : times.get(stage).nanos(runs);
    }

    /**
     * Decides.
     *
     * @param atHand the requests that are not done
     * @throws EngineException QUEUE_FULL with the time until there is room; DEADLINE_UNREACHABLE, with the time until
     *     enough of the others is done if that can help
     */
    Admission.Ticket admit(
            Collection<OneShotTask> atHand, Stage first, int runs, int decodeRuns, int images, long deadlineNanos,
            long now)
            throws EngineException {
        long alone = nanos(first, runs) + nanos(Stage.DECODE, decodeRuns);
        long others = 0; // all of them
        long before = 0; // what they do in turn with this one until it is done
        int open = 0;
        for (OneShotTask other : atHand) {
            long left = nanos(other.first(), other.encodesLeft())
                    + nanos(Stage.DECODE, other.decodesLeft());
            others += left;
            before += Math.min(left, alone);
            open += other.room();
        }
        int excess = open + images - maxImages;
        if (excess > 0) {
            throw EngineException.retry(
                    Reason.QUEUE_FULL,
                    Admission.retry(open == 0 ? 0 : (long) ((double) others * excess / open)),
                    open + " images are waiting; there is no room for " + images + " more");
        }
        long eta = before + alone;
        if (Deadline.exists(deadlineNanos)) {
            Admission.checkReachable(eta, alone, deadlineNanos - now);
        }
        int batch = times.getOrDefault(Stage.DECODE, times.get(first)).largest();
        int ahead = Math.max(0, atHand.size() - batch + 1);
        return new Admission.Ticket(ahead, (eta + 999_999) / 1_000_000);
    }
}
