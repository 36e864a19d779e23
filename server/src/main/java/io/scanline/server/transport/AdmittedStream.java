package io.scanline.server.transport;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.server.engine.Admitted;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ProgressListener;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * One call that answers with what comes of a request once it is admitted. Whoever has news (the lane, the reader, a
 * cancelled call) wakes it; the drain then sends what is there as long as the reader is ready for more.
 */
abstract class AdmittedStream<A extends Admitted, R> {
    final ServerCallStreamObserver<R> out;

    private final StreamWorkshop workshop;
    private final CoalescingTask drain;

    private volatile A admitted;
    private volatile boolean abandoned;
    private boolean closed; // of the drain alone

    AdmittedStream(ServerCallStreamObserver<R> out, StreamWorkshop workshop) {
        this.out = out;
        this.workshop = workshop;
        this.drain = new CoalescingTask(workshop.drains(), this::pass);
    }

    /** Hands a request to the engine, which is to tell the listener that there is news. */
    interface Admission<A> {
        A admit(ProgressListener listener) throws EngineException;
    }

    /** Has a request admitted and answers with what comes of it, or refuses the call. Only while its handler runs. */
    final void open(Admission<A> admission) {
        out.setOnReadyHandler(this::wake);
        out.setOnCancelHandler(this::abandon);
        try {
            begin(workshop.streams().open(() -> admission.admit(this::wake)));
        } catch (EngineException refusal) { // the engine has counted it
            out.onError(Statuses.of(refusal));
        }
    }

    /** There may be something to send. Any thread; returns at once. */
    final void wake() {
        drain.ask();
    }

    /** Nobody reads any more. */
    final void abandon() {
        abandoned = true;
        A running = admitted;
        if (running != null) {
            running.cancel();
        }
        wake();
    }

    /** The request was admitted, after the stream was counted among the active ones; the end of it uncounts it. */
    final void begin(A running) {
        admitted = running;
        if (abandoned) {
            running.cancel();
        }
        wake();
    }

    /** Sends what is there while the reader is ready for more, and the end of it after {@link #close}. */
    abstract void send(A running);

    private void pass() {
        A running = admitted;
        if (running == null || closed) {
            return;
        }
        try {
            Optional<EngineException> failure = running.failure();
            if (abandoned) {
                close();
            } else if (failure.isPresent()) {
                close();
                refuse(Statuses.of(failure.get()));
            } else {
                send(running);
            }
        } catch (RuntimeException fault) {
            LoggerFactory.getLogger(getClass()).error("What was admitted could not be sent", fault);
            running.cancel();
            close();
            refuse(Statuses.internal());
        }
    }

    private void refuse(StatusRuntimeException status) {
        if (!out.isCancelled()) {
            out.onError(status);
        }
    }

    /** Before the last word to the reader, so that whoever has heard it finds everything accounted for. */
    final void close() {
        closed = true;
        workshop.streams().closed();
    }
}
