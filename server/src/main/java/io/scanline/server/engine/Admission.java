package io.scanline.server.engine;

import io.scanline.server.engine.Forecast.Stay;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Whether a request may join the queue. The steps of every image are known and so is the order of those who wait, so
 * the only thing estimated is the time of a step, and that is measured. What is told is exact for those who are there:
 * others who come later may have their turn first, by their priority or because they are other clients.
 */
final class Admission {
    private static final Duration SHORTEST_RETRY = Duration.ofMillis(1);

    private final int steps;
    private final int maxQueued;
    private final int maxQueuedPerClient;
    private final StepTimes times;

    Admission(int steps, int maxQueued, int maxQueuedPerClient, StepTimes times) {
        this.steps = steps;
        this.maxQueued = maxQueued;
        this.maxQueuedPerClient = maxQueuedPerClient;
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
     * @param line who waits
     * @param nanosAfter time that the request takes once its last value is decided
     * @throws EngineException QUEUE_FULL or CLIENT_QUEUE_FULL with the time until there is room; DEADLINE_UNREACHABLE,
     *     with the time until the queue is short enough if that can help
     */
    Ticket admit(
            long[] remaining, WaitingLine<ImageTask> line, CheckedRequest request, long nanosAfter, long now)
            throws EngineException {
        int slots = remaining.length;
        int active = active(remaining);
        int count = request.count();
        int rows = request.rows();
        long stepNanos = times.nanos((int) Math.min(slots, active + line.rows() + (long) count * rows));
        checkRoom(remaining, line, request, stepNanos);
        WaitingLine<Boolean> joined = line.copy((other, image) -> false);
        long each = request.given().stepsTaken(steps);
        for (int i = 0; i < count; i++) {
            joined.add(request.precedence(), true, each, rows);
        }
        List<Stay> stays = new Forecast(remaining).run(joined);
        long eta = lastStep(stays) * stepNanos + nanosAfter;
        if (Deadline.exists(request.deadlineNanos())) {
            checkReachable(eta, aloneNanos(count, slots / rows, rows, each) + nanosAfter, request.deadlineNanos() - now);
        }
        return new Ticket(position(stays, active, slots), millis(eta));
    }

    /** Where an admitted generation is, none of whose images has started; empty: one has, or it has ended. */
    Optional<Standing> standing(long[] remaining, WaitingLine<ImageTask> line, GenerationTask generation) {
        int active = active(remaining);
        long stepNanos = times.nanos(Math.max(1, Math.min(remaining.length, active + line.rows())));
        List<Stay> stays = new Forecast(remaining).run(line.copy((client, image) -> image.generation() == generation));
        if (stays.stream().filter(Stay::ours).count() < generation.request().count()) {
            return Optional.empty();
        }
        return Optional.of(
                new Standing(position(stays, active, remaining.length), millis(lastStep(stays) * stepNanos)));
    }

    /** Refuses what would make too many wait, of all clients or of this one. */
    private void checkRoom(
            long[] remaining, WaitingLine<ImageTask> line, CheckedRequest request, long stepNanos)
            throws EngineException {
        int count = request.count();
        int rows = request.rows();
        WaitingLine<Boolean> seated = line.copy((other, image) -> false);
        int free = remaining.length - active(remaining);
        while (!seated.isEmpty() && seated.peek().rows() <= free) {
            free -= seated.poll().rows();
        }
        int starting = seated.isEmpty() ? free / rows : 0; // images of the request that would find a slot at once
        long excess = (long) seated.size() + count - starting - maxQueued;
        if (excess > 0) {
            LongStream inSlots = Arrays.stream(remaining).filter(left -> left > 0);
            LongStream inLine = new Forecast(remaining)
                    .run(line.copy((other, image) -> false))
                    .stream()
                    .flatMapToLong(stay -> LongStream.range(0, stay.rows()).map(row -> stay.end()));
            long until = nth(LongStream.concat(inSlots, inLine), excess * rows);
            throw EngineException.retry(
                    Reason.QUEUE_FULL,
                    retry(until * stepNanos),
                    line.size() + " images are waiting; there is no room for " + count + " more");
        }
        String client = request.precedence().client();
        int own = line.waitingOf(client);
        long ownExcess = (long) own + count - starting - maxQueuedPerClient;
        if (ownExcess > 0) {
            // Room is made by its images that start and, when these are not enough, by slots that fall free.
            LongStream starts = new Forecast(remaining)
                    .run(line.copy((other, image) -> other.equals(client)))
                    .stream()
                    .filter(Stay::ours)
                    .mapToLong(Stay::start);
            LongStream inSlots = Arrays.stream(remaining).filter(left -> left > 0);
            long until = nth(ownExcess <= own ? starts : inSlots, ownExcess <= own ? ownExcess : (ownExcess - own) * rows);
            throw EngineException.retry(
                    Reason.CLIENT_QUEUE_FULL,
                    retry(until * stepNanos),
                    own + " images of this client are waiting; it may have " + maxQueuedPerClient);
        }
    }

    private static int active(long[] remaining) {
        return (int) Arrays.stream(remaining).filter(left -> left > 0).count();
    }

    /** The n-th smallest, counted from 1; the largest when there are fewer; 0 when there is none. */
    private static long nth(LongStream values, long n) {
        long[] sorted = values.sorted().toArray();
        return sorted.length == 0 ? 0 : sorted[(int) Math.min(n, sorted.length) - 1];
    }

    /** Step at which the last image that is asked about is complete. */
    private static long lastStep(List<Stay> stays) {
        return stays.stream().filter(Stay::ours).mapToLong(Stay::end).max().orElse(0);
    }

    /**
     * Images that must leave a slot or the line before the first one that is asked about starts, counted as if all took
     * as many slots as that one.
     */
    private static int position(List<Stay> stays, int active, int slots) {
        int rowsBefore = active;
        int before = 0;
        while (!stays.get(before).ours()) {
            rowsBefore += stays.get(before).rows();
            before++;
        }
        int rows = stays.get(before).rows();
        return Math.max(0, rowsBefore - slots + rows + rows - 1) / rows;
    }

    private static long millis(long nanos) {
        return (nanos + 999_999) / 1_000_000;
    }

    /**
     * Time that the request would take with all slots free.
     *
     * @param places images of it that the slots hold at once
     */
    private long aloneNanos(int count, int places, int rows, long each) {
        long rounds = (count + places - 1) / places;
        return rounds * each * times.nanos(Math.min(count, places) * rows);
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
