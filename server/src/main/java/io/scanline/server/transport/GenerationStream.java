package io.scanline.server.transport;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationReader;
import io.scanline.server.engine.OpenGeneration;
import io.scanline.server.engine.Reason;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Started;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call that answers with the events of a generation. Whoever has news (the decode lane, the reader, the clock, a
 * cancelled call) wakes it; the drain then sends on an event loop whatever its images have gained since, as long as the
 * reader is ready for more. Pictures are made elsewhere.
 */
final class GenerationStream implements GenerationReader {
    private static final Logger log = LoggerFactory.getLogger(GenerationStream.class);

    private final EventSink<?> out;
    private final StreamWorkshop workshop;
    private final CoalescingTask drain;

    private volatile OpenGeneration opened;
    private volatile boolean abandoned;
    private volatile boolean replaced;
    private volatile boolean ticked;
    private volatile EngineException refusal;
    private volatile StreamPlan asked;
    private boolean disconnected; // guarded by this
    private boolean held; // guarded by this
    // Written before the generation is.
    private StreamTally tally;
    private WaitingNews waitingNews;
    private int[] from;

    // Of the drain alone.
    private StreamPlan plan;
    private ScheduledFuture<?> clock;
    private Started started;
    private List<ImageOutbox> outboxes;
    private int turn;
    private final Sequences sequences = new Sequences();
    private boolean ended;

    GenerationStream(EventSink<?> out, StreamWorkshop workshop) {
        this.out = out;
        this.workshop = workshop;
        Executor loop = workshop.loops().next();
        this.drain = new CoalescingTask(task -> (makesPictures() ? workshop.drains() : loop).execute(task), this::pass);
    }

    private boolean makesPictures() {
        StreamPlan current = asked;
        return current != null && current.pace() == Pace.PREVIEW;
    }

    /** There may be something to send. Any thread; returns at once. */
    @Override
    public void progressed() {
        drain.ask();
    }

    @Override
    public void replaced() {
        replaced = true;
        progressed();
    }

    /** Nobody reads any more. */
    void abandon() {
        abandoned = true;
        if (opened != null) {
            disconnect();
        }
        progressed();
    }

    /** Tells the generation once; true: it is kept. */
    private synchronized boolean disconnect() {
        if (!disconnected) {
            disconnected = true;
            held = opened.disconnected(this);
        }
        return held;
    }

    /** The last word was handed to the connection. */
    void closed() {
        OpenGeneration read = opened;
        if (read != null) {
            read.closed(this);
        }
    }

    /** Ends the call with this. */
    void refuse(EngineException why) {
        refusal = why;
        progressed();
    }

    /** Sends at another pace from now on. */
    void pace(StreamPlan next) {
        asked = next;
        progressed();
    }

    /**
     * The request was admitted, after the stream was counted among the active ones; the end of it uncounts it.
     *
     * @param beginnings where the reader begins, image by image
     */
    void begin(OpenGeneration admitted, StreamPlan first, int[] beginnings) {
        tally = new StreamTally(admitted.generation(), workshop.registry());
        from = beginnings;
        asked = first;
        waitingNews = WaitingNews.of(admitted.generation(), workshop, this::progressed);
        opened = admitted;
        if (abandoned) {
            disconnect();
        }
        progressed();
    }

    private void tick() {
        ticked = true;
        progressed();
    }

    private void pass() {
        OpenGeneration read = opened;
        if (read == null || ended) {
            return;
        }
        try {
            if (!over(read)) {
                send(read);
            }
        } catch (RuntimeException fault) {
            log.error("Generation {} failed while it was sent", read.generation().id(), fault);
            read.abort(this);
            end(Reason.INTERNAL.name());
            out.refuse(Statuses.internal());
        }
    }

    /** Ends the stream if there is a reason not to go on. */
    private boolean over(OpenGeneration read) {
        EngineException refused = refusal;
        Optional<EngineException> failure = read.generation().failure();
        if (replaced) {
            leave(Reason.READER_REPLACED.name());
            out.refuse(Statuses.of(
                    EngineException.of(Reason.READER_REPLACED, "another call reads this generation now")));
        } else if (abandoned || refused != null) {
            String outcome = refused == null ? Reason.CANCELLED.name() : refused.reason().name();
            if (disconnect()) {
                leave("HELD");
            } else {
                end(outcome);
            }
            if (refused != null) {
                out.refuse(Statuses.of(refused));
            }
        } else if (failure.isPresent()) {
            read.closed(this);
            end(failure.get().reason().name());
            out.refuse(Statuses.of(failure.get()));
        }
        return ended;
    }

    private void send(OpenGeneration read) {
        Generation running = read.generation();
        if (started == null && out.isReady()) {
            GenerateResponse first = GenerationMessages.started(running, running.model().bundle().orElseThrow());
            started = first.getStarted();
            write(first);
        }
        if (started == null) {
            return;
        }
        changePace(running);
        if (ticked) {
            ticked = false;
            outboxes.forEach(ImageOutbox::tick);
        }
        GenerateResponse next = out.isReady() ? waitingNews.next() : null;
        if (next != null) {
            write(next);
        }
        while (out.isReady() && (next = next()) != null) {
            write(next);
        }
        if (out.isReady() && delivered(running)) {
            finish(read);
        }
    }

    private void finish(OpenGeneration read) {
        if (read.delivered(this)) {
            write(GenerationMessages.finished(read.generation()));
            end("COMPLETE");
            out.complete();
        } else {
            over(read); // it was replaced at this very moment
        }
    }

    /** Goes on where the outboxes are, at the pace that was asked for last. */
    private void changePace(Generation running) {
        StreamPlan next = asked;
        if (next == plan) {
            return;
        }
        List<ImageOutbox> boxes = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            int sent = outboxes == null ? from[i] : outboxes.get(i).sent();
            boxes.add(ImageOutbox.of(running.images().get(i), next, started, sent));
        }
        outboxes = boxes;
        plan = next;
        stopClock();
        if (plan.pace().timed()) {
            clock = workshop.everyMillis(plan.intervalMillis(), this::tick);
        }
    }

    /** The images take turns, so that none waits behind its neighbours when the reader is slow. */
    private GenerateResponse next() {
        for (int tried = 0; tried < outboxes.size(); tried++) {
            GenerateResponse message = outboxes.get(turn).next(sequences);
            turn = turn + 1 == outboxes.size() ? 0 : turn + 1;
            if (message != null) {
                return message;
            }
        }
        return null;
    }

    private boolean delivered(Generation running) {
        return running.images().stream().allMatch(image -> image.result().isPresent())
                && outboxes.stream().allMatch(ImageOutbox::delivered);
    }

    private void write(GenerateResponse message) {
        tally.sent(message.getSerializedSize());
        out.send(message);
    }

    /** Before the last word to the reader, so that whoever has heard it finds everything accounted for. */
    private void end(String outcome) {
        stop();
        tally.end(outcome);
        workshop.streams().closed();
    }

    private void leave(String outcome) {
        stop();
        tally.leave(outcome);
        workshop.streams().closed();
    }

    private void stop() {
        ended = true;
        stopClock();
        waitingNews.stop();
    }

    private void stopClock() {
        if (clock != null) {
            clock.cancel(false);
            clock = null;
        }
    }
}
