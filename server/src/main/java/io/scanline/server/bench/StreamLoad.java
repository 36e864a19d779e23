package io.scanline.server.bench;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ModelSelector;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Streams of one image each over one connection, every value as soon as it is decided. */
final class StreamLoad {
    private final GenerationServiceGrpc.GenerationServiceStub stub;
    private final ModelInfo model;
    private final int streams;
    private final int steps;
    private final AtomicLong messages = new AtomicLong();

    StreamLoad(ManagedChannel channel, ModelInfo model, int streams) {
        this.stub = GenerationServiceGrpc.newStub(channel);
        this.model = model;
        this.streams = streams;
        this.steps = model.bundle().orElseThrow().getAutoregression().getSteps();
    }

    /**
     * Makes an image on every stream.
     *
     * @return nanoseconds from the first request to the end of the last stream
     */
    long nanos(long seed) throws EngineException, InterruptedException {
        messages.set(0);
        CountDownLatch done = new CountDownLatch(streams);
        AtomicReference<Status> failure = new AtomicReference<>();
        long begun = System.nanoTime();
        for (int stream = 0; stream < streams; stream++) {
            stub.generate(request(seed + stream), new Reader(done, failure));
        }
        done.await();
        long nanos = System.nanoTime() - begun;
        if (failure.get() != null) {
            throw EngineException.of(Reason.INTERNAL, "a stream failed: " + failure.get());
        }
        return nanos;
    }

    /** Pixels messages of the last round. */
    long messages() {
        return messages.get();
    }

    /** The same beside one more stream, which is cancelled when these have ended and is not counted. */
    long nanosBeside(boolean slowCompanion, long seed) throws EngineException, InterruptedException {
        try (CompanionStream companion = CompanionStream.open(stub, request(seed + streams), slowCompanion)) {
            return nanos(seed);
        }
    }

    private GenerateRequest request(long seed) {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(model.name()).setVersion(model.version()))
                .setSeed(seed)
                .setCadence(Cadence.newBuilder().setMode(CadenceMode.CADENCE_MODE_PIXEL));
        if (!BenchModels.label(model).isEmpty()) {
            request.setLabel(ClassLabel.newBuilder().setIndex(0));
        }
        BenchModels.prompt(model).text().ifPresent(text -> request.setPrompt(text).setGuidance(1));
        return request.build();
    }

    private final class Reader implements StreamObserver<GenerateResponse> {
        private final CountDownLatch done;
        private final AtomicReference<Status> failure;
        private int values;
        private int received;

        Reader(CountDownLatch done, AtomicReference<Status> failure) {
            this.done = done;
            this.failure = failure;
        }

        @Override
        public void onNext(GenerateResponse message) {
            if (message.hasPixels()) {
                values += message.getPixels().getValues().size();
                received++;
            }
        }

        @Override
        public void onError(Throwable fault) {
            failure.set(Status.fromThrowable(fault));
            done.countDown();
        }

        @Override
        public void onCompleted() {
            if (values != steps) {
                failure.set(Status.DATA_LOSS.withDescription(values + " values of " + steps));
            }
            messages.addAndGet(received);
            done.countDown();
        }
    }
}
