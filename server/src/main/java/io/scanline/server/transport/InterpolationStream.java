package io.scanline.server.transport;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Interpolation;
import io.scanline.v1.InterpolateResponse;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Interpolate call. Whoever has news (the lane, the reader, a cancelled call) wakes it; the drain then sends the
 * frames that are there as long as the reader is ready for more. Frames that are not taken are not decoded either.
 */
final class InterpolationStream {
    private static final Logger log = LoggerFactory.getLogger(InterpolationStream.class);

    private final ServerCallStreamObserver<InterpolateResponse> out;
    private final StreamWorkshop workshop;
    private final CoalescingTask drain;

    private volatile Interpolation interpolation;
    private volatile boolean abandoned;
    private boolean closed; // of the drain alone

    InterpolationStream(ServerCallStreamObserver<InterpolateResponse> out, StreamWorkshop workshop) {
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
        Interpolation running = interpolation;
        if (running != null) {
            running.cancel();
        }
        wake();
    }

    /** The request was admitted, after the stream was counted among the active ones; the end of it uncounts it. */
    void begin(Interpolation admitted) {
        interpolation = admitted;
        if (abandoned) {
            admitted.cancel();
        }
        wake();
    }

    private void pass() {
        Interpolation running = interpolation;
        if (running == null || closed) {
            return;
        }
        try {
            send(running);
        } catch (RuntimeException fault) {
            log.error("An interpolation failed while it was sent", fault);
            running.cancel();
            close();
            refuse(Statuses.internal());
        }
    }

    private void send(Interpolation running) {
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
        while (out.isReady()) {
            Optional<Interpolation.Frame> frame = running.poll();
            if (frame.isEmpty()) {
                break;
            }
            out.onNext(LatentMessages.frame(frame.get(), running.model()));
        }
        if (running.delivered()) {
            close();
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
