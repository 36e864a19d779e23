package io.scanline.server.transport;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.Reason;
import io.scanline.v1.GenerateResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Generate call. Whoever has news (the decode lane, the reader, the clock, a cancelled call) wakes it; the drain
 * then sends on a thread of its own whatever its images have gained since, as long as the reader is ready for more.
 */
final class GenerationStream {
    private static final Logger log = LoggerFactory.getLogger(GenerationStream.class);

    private final ServerCallStreamObserver<GenerateResponse> out;
    private final StreamPlan plan;
    private final int given;
    private final StreamWorkshop workshop;
    private final CoalescingTask drain;

    private volatile Generation generation;
    private volatile boolean abandoned;
    private volatile boolean ticked;
    // Written before the generation is.
    private StreamTally tally;
    private ScheduledFuture<?> clock;

    // Of the drain alone.
    private List<ImageOutbox> outboxes;
    private int turn;
    private final Sequences sequences = new Sequences();
    private boolean closed;

    /** @param given values, or codes, that the client gave for every image */
    GenerationStream(
            ServerCallStreamObserver<GenerateResponse> out, StreamPlan plan, int given, StreamWorkshop workshop) {
        this.out = out;
        this.plan = plan;
        this.given = given;
        this.workshop = workshop;
        this.drain = new CoalescingTask(workshop.drains(), this::pass);
    }

    /** There may be something to send. Any thread; returns at once. */
    void wake() {
        drain.ask();
    }

    /** Nobody reads any more. */
    void abandon() {
        abandoned = true;
        Generation running = generation;
        if (running != null) {
            running.cancel();
        }
        wake();
    }

    /** The request was admitted, after the stream was counted among the active ones; the end of it uncounts it. */
    void begin(Generation admitted) {
        tally = new StreamTally(admitted, workshop.registry());
        if (plan.pace().timed()) {
            clock = workshop.everyMillis(plan.intervalMillis(), this::tick);
        }
        generation = admitted;
        if (abandoned) {
            admitted.cancel();
        }
        wake();
    }

    private void tick() {
        ticked = true;
        wake();
    }

    private void pass() {
        Generation running = generation;
        if (running == null || closed) {
            return;
        }
        try {
            send(running);
        } catch (RuntimeException fault) {
            log.error("Generation {} failed while it was sent", running.id(), fault);
            running.cancel();
            close(Reason.INTERNAL.name());
            refuse(Statuses.internal());
        }
    }

    private void send(Generation running) {
        if (abandoned) {
            close(Reason.CANCELLED.name());
            return;
        }
        Optional<EngineException> failure = running.failure();
        if (failure.isPresent()) {
            close(failure.get().reason().name());
            refuse(Statuses.of(failure.get()));
            return;
        }
        if (outboxes == null && out.isReady()) {
            start(running);
        }
        if (outboxes == null) {
            return;
        }
        if (ticked) {
            ticked = false;
            outboxes.forEach(ImageOutbox::tick);
        }
        GenerateResponse next = null;
        while (out.isReady() && (next = next()) != null) {
            write(next);
        }
        if (out.isReady() && delivered(running)) {
            write(GenerationMessages.finished(running));
            close("COMPLETE");
            out.onCompleted();
        }
    }

    private void start(Generation running) {
        Bundle bundle = running.model().bundle().orElseThrow();
        GenerateResponse started = GenerationMessages.started(running, bundle);
        outboxes = running.images().stream()
                .map(image -> ImageOutbox.of(image, plan, started.getStarted(), given))
                .toList();
        write(started);
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
        return outboxes.stream().allMatch(ImageOutbox::delivered)
                && running.images().stream().allMatch(image -> image.result().isPresent());
    }

    private void write(GenerateResponse message) {
        tally.sent(message.getSerializedSize());
        out.onNext(message);
    }

    private void refuse(StatusRuntimeException status) {
        if (!out.isCancelled()) {
            out.onError(status);
        }
    }

    /** Before the last word to the reader, so that whoever has heard it finds everything accounted for. */
    private void close(String outcome) {
        closed = true;
        if (clock != null) {
            clock.cancel(false);
        }
        tally.end(outcome);
        workshop.streams().closed();
    }
}
