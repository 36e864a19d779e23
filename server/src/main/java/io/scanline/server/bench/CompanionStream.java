package io.scanline.server.bench;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** One more stream beside those that are measured; its reader is eager, or takes one message every 100 ms. */
final class CompanionStream implements ClientResponseObserver<GenerateRequest, GenerateResponse>, AutoCloseable {
    private static final long SLOW_MILLIS = 100;

    private final boolean slow;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private ClientCallStreamObserver<GenerateRequest> call;

    private CompanionStream(boolean slow) {
        this.slow = slow;
    }

    /** Opens a stream and waits until its image has a slot or a place in the queue. */
    static CompanionStream open(
            GenerationServiceGrpc.GenerationServiceStub stub, GenerateRequest request, boolean slow)
            throws InterruptedException {
        CompanionStream companion = new CompanionStream(slow);
        stub.generate(request, companion);
        companion.started.await();
        return companion;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> stream) {
        call = stream;
        if (slow) {
            stream.disableAutoRequestWithInitial(1);
            clock.scheduleAtFixedRate(() -> stream.request(1), SLOW_MILLIS, SLOW_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void onNext(GenerateResponse message) {
        started.countDown();
    }

    @Override
    public void onError(Throwable end) {
        started.countDown();
        ended.countDown();
    }

    @Override
    public void onCompleted() {
        ended.countDown();
    }

    /** Cancels what is left of it. */
    @Override
    public void close() throws InterruptedException {
        call.cancel("the measurement is over", null);
        ended.await();
        clock.shutdownNow();
    }
}
