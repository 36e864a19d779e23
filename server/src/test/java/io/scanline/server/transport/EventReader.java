package io.scanline.server.transport;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.v1.GenerateInteractiveRequest;
import io.scanline.v1.GenerateInteractiveResponse;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** The client's side of one stream of events: remembers every one; reads as fast as it can, or only when told. */
class EventReader<Q, R> implements ClientResponseObserver<Q, R> {
    private final boolean onlyWhenTold;
    private final Function<R, GenerateResponse> event;
    private final List<GenerateResponse> all = new CopyOnWriteArrayList<>();
    private final BlockingQueue<GenerateResponse> unseen = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<StatusRuntimeException> error = new CompletableFuture<>();
    private volatile ClientCallStreamObserver<Q> call;

    EventReader(boolean onlyWhenTold, Function<R, GenerateResponse> event) {
        this.onlyWhenTold = onlyWhenTold;
        this.event = event;
    }

    static EventReader<ResumeRequest, ResumeResponse> ofResume() {
        return new EventReader<>(false, ResumeResponse::getResponse);
    }

    static EventReader<GenerateInteractiveRequest, GenerateInteractiveResponse> ofInteractive() {
        return new EventReader<>(false, GenerateInteractiveResponse::getResponse);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> started) {
        call = started;
        if (onlyWhenTold) {
            started.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(R message) {
        GenerateResponse next = event.apply(message);
        all.add(next);
        unseen.add(next);
    }

    @Override
    public void onError(Throwable failure) {
        error.complete(failure instanceof StatusRuntimeException status ? status : null);
        end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }

    /** Reads so many more messages. */
    void read(int messages) {
        call.request(messages);
    }

    void cancel() {
        call.cancel("enough", null);
    }

    /** The next message that this was not asked for yet. */
    GenerateResponse next() throws InterruptedException {
        GenerateResponse message = unseen.poll(10, TimeUnit.SECONDS);
        if (message == null) {
            throw new AssertionError("no message came; the stream's end: " + end.getNow(null));
        }
        return message;
    }

    /** Whether a message is there that next() has not returned. */
    boolean hasNext() {
        return !unseen.isEmpty();
    }

    /** All messages so far. */
    List<GenerateResponse> all() {
        return all;
    }

    Status end() throws InterruptedException, ExecutionException, TimeoutException {
        return end.get(20, TimeUnit.SECONDS);
    }

    StatusRuntimeException error() throws InterruptedException, ExecutionException, TimeoutException {
        return error.get(20, TimeUnit.SECONDS);
    }
}
