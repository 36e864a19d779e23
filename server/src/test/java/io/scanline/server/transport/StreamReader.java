package io.scanline.server.transport;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The client's side of one stream: remembers every message; reads as fast as it can, or only when told. */
final class StreamReader implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
    private final boolean onlyWhenTold;
    private final List<GenerateResponse> all = new CopyOnWriteArrayList<>();
    private final BlockingQueue<GenerateResponse> unseen = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<StatusRuntimeException> error = new CompletableFuture<>();
    private volatile ClientCallStreamObserver<GenerateRequest> call;

    private StreamReader(boolean onlyWhenTold) {
        this.onlyWhenTold = onlyWhenTold;
    }

    static StreamReader eager() {
        return new StreamReader(false);
    }

    static StreamReader onlyWhenTold() {
        return new StreamReader(true);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> started) {
        call = started;
        if (onlyWhenTold) {
            started.disableAutoRequestWithInitial(0);
        }
    }

    @Override
    public void onNext(GenerateResponse message) {
        all.add(message);
        unseen.add(message);
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
