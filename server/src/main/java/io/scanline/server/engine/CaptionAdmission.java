package io.scanline.server.engine;

import io.scanline.server.engine.ClientTurns.Place;
import java.util.Arrays;
import java.util.Collection;

/**
 * Whether a caption may join the queue. How long it will be is known by nobody, so no deadline is foretold, and the
 * time after which to try again is that of captions as long as they may become.
 */
final class CaptionAdmission {
    private final int maxQueued;
    private final int maxQueuedPerClient;
    private final StepTimes times;

    CaptionAdmission(int maxQueued, int maxQueuedPerClient, StepTimes times) {
        this.maxQueued = maxQueued;
        this.maxQueuedPerClient = maxQueuedPerClient;
        this.times = times;
    }

    /**
     * Admits one more.
     *
     * @param remaining most tokens left in every slot; 0: free
     * @param line who waits
     * @param preparing those whose pictures are not ready: they wait as well
     * @throws EngineException QUEUE_FULL or CLIENT_QUEUE_FULL with the time until there is room
     */
    void admit(long[] remaining, WaitingLine<CaptionTask> line, Collection<CaptionTask> preparing, String client)
            throws EngineException {
        int free = (int) Arrays.stream(remaining).filter(left -> left == 0).count();
        int waiting = line.size() + preparing.size();
        if (waiting + 1 - free > maxQueued) {
            throw full(Reason.QUEUE_FULL, remaining, waiting + " captions are waiting; there is no room for one more");
        }
        int own = line.waitingOf(client) + (int) preparing.stream()
                .filter(caption -> caption.request().precedence().client().equals(client))
                .count();
        if (own + 1 - Math.max(0, free - (waiting - own)) > maxQueuedPerClient) {
            throw full(
                    Reason.CLIENT_QUEUE_FULL, remaining,
                    own + " captions of this client are waiting; it may have " + maxQueuedPerClient);
        }
    }

    private EngineException full(Reason reason, long[] remaining, String message) {
        long[] taken = Arrays.stream(remaining).filter(left -> left > 0).sorted().toArray();
        long steps = taken.length == 0 ? 1 : taken[0];
        return EngineException.retry(
                reason, Admission.retry(steps * times.nanos(Math.max(1, taken.length))), message);
    }

    /**
     * Captions ahead of one that stands in line which wait for a slot too; those that find one now do not.
     *
     * @param free slots
     */
    static int position(int free, WaitingLine<CaptionTask> line, CaptionTask asked) {
        WaitingLine<Boolean> copy = line.copy((client, caption) -> caption == asked);
        int ahead = 0;
        for (Place<Boolean> next = copy.poll(); !next.item(); next = copy.poll()) {
            ahead++;
        }
        return Math.max(0, ahead - free);
    }
}
