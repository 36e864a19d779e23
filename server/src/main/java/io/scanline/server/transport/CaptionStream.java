package io.scanline.server.transport;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.server.engine.Caption;
import io.scanline.server.engine.EngineException;
import io.scanline.v1.CaptionResponse;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Caption call. Whoever has news (the lane, the reader, a cancelled call) wakes it; the drain then sends the tokens
 * that are there as long as the reader is ready for more. What a reader has not taken stays with the caption, which has
 * no more tokens than its model's context holds.
 */
final class CaptionStream {
    private static final Logger log = LoggerFactory.getLogger(CaptionStream.class);

    private final ServerCallStreamObserver<CaptionResponse> out;
    private final StreamWorkshop workshop;
    private final CoalescingTask drain;

    private volatile Caption caption;
    private volatile boolean abandoned;
    // Of the drain alone.
    private boolean started;
    private int sent;
    private boolean closed;

    CaptionStream(ServerCallStreamObserver<CaptionResponse> out, StreamWorkshop workshop) {
        this.out = out;
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
        Caption running = caption;
        if (running != null) {
            running.cancel();
        }
        wake();
    }

    /** The request was admitted, after the stream was counted among the active ones; the end of it uncounts it. */
    void begin(Caption admitted) {
        caption = admitted;
        if (abandoned) {
            admitted.cancel();
        }
        wake();
    }

    private void pass() {
        Caption running = caption;
        if (running == null || closed) {
            return;
        }
        try {
            send(running);
        } catch (RuntimeException fault) {
            log.error("A caption failed while it was sent", fault);
            running.cancel();
            close();
            refuse(Statuses.internal());
        }
    }

    private void send(Caption running) {
        if (abandoned) {
            close();
            return;
        }
        Optional<EngineException> failure = running.failure();
        if (failure.isPresent()) {
            close();
            refuse(Statuses.of(failure.get()));
            return;
        }
        if (!started && out.isReady() && running.queuePosition().isPresent()) {
            started = true;
            out.onNext(CaptionMessages.started(running, running.queuePosition().getAsInt()));
        }
        // Before its tokens: none is added once it is there.
        Optional<Caption.Result> result = running.result();
        while (started && out.isReady() && sent < running.tokens()) {
            out.onNext(CaptionMessages.token(running.token(sent), sent));
            sent++;
        }
        if (started && result.isPresent() && sent == running.tokens() && out.isReady()) {
            CaptionResponse last = CaptionMessages.finished(result.get());
            close();
            out.onNext(last);
            out.onCompleted();
        }
    }

    private void refuse(StatusRuntimeException status) {
        if (!out.isCancelled()) {
            out.onError(status);
        }
    }

    /** Before the last word to the reader, so that whoever has heard it finds everything accounted for. */
    private void close() {
        closed = true;
        workshop.streams().closed();
    }
}
