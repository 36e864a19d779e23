package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EmbeddingEngine;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.ClassifyRequest;
import io.scanline.v1.ClassifyResponse;
import io.scanline.v1.EmbedRequest;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.EmbedStreamRequest;
import io.scanline.v1.EmbedStreamResponse;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.RankRequest;
import io.scanline.v1.RankResponse;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Looks at images and texts: hands the request to the engine, and what comes of it to the reader. */
final class EmbeddingEndpoint extends EmbeddingServiceGrpc.EmbeddingServiceImplBase {
    private final ImageEngine engine;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    EmbeddingEndpoint(ImageEngine engine, StreamWorkshop workshop, Refusals refusals) {
        this.engine = engine;
        this.workshop = workshop;
        this.refusals = refusals;
    }

    /** Reads a request. */
    private interface Reading<M, R> {
        R read(M message) throws EngineException;
    }

    /** Hands a request to the engine. */
    private interface Asking<R, T> {
        CompletableFuture<T> ask(EmbeddingEngine embeddings, R request) throws EngineException;
    }

    private <M, R, T, A> void answer(
            M message, ModelSelector model, Reading<M, R> reading, Asking<R, T> asking, StreamObserver<A> out,
            BiFunction<T, ModelInfo, A> writing) {
        R asked;
        try {
            asked = reading.read(message);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        try {
            ModelInfo info = engine.model(model.getName(), model.getVersion());
            UnaryAnswer.send(asking.ask(engine.embeddings(), asked), out, workshop.drains(),
                    found -> writing.apply(found, info));
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }

    @Override
    public void embed(EmbedRequest request, StreamObserver<EmbedResponse> out) {
        answer(request, request.getModel(), EmbeddingRequests::embed, EmbeddingEngine::embed, out,
                EmbeddingMessages::embedded);
    }

    @Override
    public void rank(RankRequest request, StreamObserver<RankResponse> out) {
        answer(request, request.getModel(), EmbeddingRequests::rank, EmbeddingEngine::rank, out,
                EmbeddingMessages::ranked);
    }

    @Override
    public void classify(ClassifyRequest request, StreamObserver<ClassifyResponse> out) {
        answer(request, request.getModel(), EmbeddingRequests::classify, EmbeddingEngine::classify, out,
                EmbeddingMessages::classified);
    }

    @Override
    public StreamObserver<EmbedStreamRequest> embedStream(StreamObserver<EmbedStreamResponse> observer) {
        ServerCallStreamObserver<EmbedStreamResponse> out =
                (ServerCallStreamObserver<EmbedStreamResponse>) observer;
        return new EmbedStream(engine, out, workshop, refusals).begin();
    }
}
