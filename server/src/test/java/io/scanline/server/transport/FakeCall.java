package io.scanline.server.transport;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A call without a connection, whose client reads as many messages as it was told and may go away after any of them.
 */
final class FakeCall<T, E> extends ServerCallStreamObserver<T> {
    private final Function<T, E> event;
    private final List<E> received = new ArrayList<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final CountDownLatch satisfied = new CountDownLatch(1);
    private final int wanted;
    private boolean cancelled;
    private Runnable onReady;
    private Runnable onCancel;
    private Runnable onClose;

    FakeCall(int wanted, Function<T, E> event) {
        this.wanted = wanted;
        this.event = event;
        if (wanted == 0) {
            satisfied.countDown();
        }
    }

    /** Waits until it has received what it wanted, or the stream has ended. */
    List<E> received() throws InterruptedException {
        if (!satisfied.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("only " + received.size() + " messages came");
        }
        synchronized (this) {
            return List.copyOf(received);
        }
    }

    /** Goes away. */
    void leave() {
        synchronized (this) {
            if (end.isDone()) {
                return;
            }
            cancelled = true;
        }
        onCancel.run();
    }

    Status end() throws Exception {
        return end.get(20, TimeUnit.SECONDS);
    }

    StatusRuntimeException failure() throws Exception {
        return (StatusRuntimeException) failure.get(20, TimeUnit.SECONDS);
    }

    @Override
    public synchronized boolean isReady() {
        return received.size() < wanted;
    }

    @Override
    public synchronized void onNext(T message) {
        if (!isReady()) {
            throw new AssertionError("a message for a reader that is not ready");
        }
        received.add(event.apply(message));
        if (received.size() == wanted) {
            satisfied.countDown();
        }
    }

    @Override
    public void onError(Throwable why) {
        failure.complete(why);
        close(Status.fromThrowable(why));
    }

    @Override
    public void onCompleted() {
        close(Status.OK);
    }

    private void close(Status status) {
        synchronized (this) {
            end.complete(status);
            satisfied.countDown();
        }
        onClose.run();
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
        onReady = handler;
        onReady.run();
    }

    @Override
    public synchronized boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
        onCancel = handler;
    }

    @Override
    public void setOnCloseHandler(Runnable handler) {
        onClose = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public void request(int messageCount) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}
}
