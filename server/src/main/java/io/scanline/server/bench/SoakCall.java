package io.scanline.server.bench;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.v1.GenerateResponse;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One stream of a soak, from which its reader takes one message at a time.
 *
 * @param <Q> what is sent
 * @param <R> what comes
 */
final class SoakCall<Q, R> implements ClientResponseObserver<Q, R> {
    private static final long PATIENCE_SECONDS = 120;

    /**
     * What happens to a reader.
     *
     * @param message null: the stream has ended
     * @param end null: it has not
     */
    record Event(GenerateResponse message, Status end) {}

    private final Function<R, GenerateResponse> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private volatile ClientCallStreamObserver<Q> call;

    /** @param response what of a message tells of the image */
    SoakCall(Function<R, GenerateResponse> response) {
        this.response = response;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> started) {
        call = started;
        started.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(R message) {
        events.add(new Event(response.apply(message), null));
    }

    @Override
    public void onError(Throwable failure) {
        events.add(new Event(null, Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
        events.add(new Event(null, Status.OK));
    }

    /** Sends one more message; without effect on a stream that has ended. */
    void send(Q message) {
        call.onNext(message);
    }

    /** The next message, or the end. */
    Event next() throws InterruptedException {
        Event event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) {
            throw new IllegalStateException("nothing came on a stream in " + PATIENCE_SECONDS + " s");
        }
        if (event.message() != null) {
            call.request(1);
        }
        return event;
    }

    /** Gives the stream up, and waits until that is known here. */
    void cancel() throws InterruptedException {
        abandon();
        while (next().end() == null) {
            // what had come before is not read any more
        }
    }

    /** Gives the stream up, without effect on one that has ended; what came for it and was not read is freed. */
    void abandon() {
        call.cancel("the reader goes away", null);
    }
}
