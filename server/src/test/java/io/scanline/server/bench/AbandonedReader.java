package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Reads the first message of a stream, and no other one unless it is told to. */
final class AbandonedReader implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
    private final CompletableFuture<String> id = new CompletableFuture<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private volatile ClientCallStreamObserver<GenerateRequest> call;

    /** Opens a stream. */
    static AbandonedReader of(GenerationServiceGrpc.GenerationServiceStub stub, GenerateRequest request) {
        AbandonedReader reader = new AbandonedReader();
        stub.generate(request, reader);
        return reader;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<GenerateRequest> started) {
        call = started;
        started.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(GenerateResponse message) {
        id.complete(message.getStarted().getGenerationId());
    }

    @Override
    public void onError(Throwable failure) {
        id.completeExceptionally(failure);
        end.complete(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
        end.complete(Status.OK);
    }

    /** Fails when the stream ended before it began. */
    void awaitStarted() {
        assertThat(id).succeedsWithin(120, TimeUnit.SECONDS);
    }

    /** Returns when the stream has begun, or has ended without. */
    void awaitStartedOrEnded() {
        assertThat(id.handle((begun, failed) -> failed)).succeedsWithin(120, TimeUnit.SECONDS);
    }

    String id() {
        return id.join();
    }

    void cancel() {
        call.cancel("abandoned", null);
    }

    /** Reads whatever else comes. */
    void readOn() {
        call.request(1000);
    }

    /** How the stream ended, for its reader. */
    Status end() {
        assertThat(end).succeedsWithin(120, TimeUnit.SECONDS);
        return end.join();
    }
}
