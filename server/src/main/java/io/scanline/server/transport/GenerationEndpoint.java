package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ImageScore;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes and scores images: hands the request to the engine, and what comes of it to the reader. */
final class GenerationEndpoint extends GenerationServiceGrpc.GenerationServiceImplBase {
    private static final Logger log = LoggerFactory.getLogger(GenerationEndpoint.class);

    private final ImageEngine engine;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    GenerationEndpoint(ImageEngine engine, StreamWorkshop workshop, Refusals refusals) {
        this.engine = engine;
        this.workshop = workshop;
        this.refusals = refusals;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
        ServerCallStreamObserver<GenerateResponse> out = (ServerCallStreamObserver<GenerateResponse>) observer;
        StreamPlan plan;
        GenerationRequest asked;
        try {
            plan = StreamPlan.of(request.getCadence());
            asked = Requests.generation(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        GenerationStream stream = new GenerationStream(out, plan, asked.prefix().length, workshop);
        out.setOnReadyHandler(stream::wake);
        out.setOnCancelHandler(stream::abandon);
        // Counted before it is admitted: a drain must not miss a stream that is admitted and complete in a moment.
        workshop.streams().opened();
        boolean admitted = false;
        try {
            Generation generation = engine.generate(asked, stream::wake);
            admitted = true;
            stream.begin(generation);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        } finally {
            if (!admitted) {
                workshop.streams().closed();
            }
        }
    }

    @Override
    public void score(ScoreRequest request, StreamObserver<ScoreResponse> observer) {
        ServerCallStreamObserver<ScoreResponse> out = (ServerCallStreamObserver<ScoreResponse>) observer;
        io.scanline.server.engine.ScoreRequest asked;
        try {
            asked = Requests.score(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        try {
            String digest = engine.model(asked.model(), asked.version()).digest();
            CompletableFuture<List<ImageScore>> scores = engine.score(asked);
            out.setOnCancelHandler(() -> scores.cancel(false));
            // The engine completes it on its decode lane, which has better things to do than to answer.
            scores.whenCompleteAsync((answer, failure) -> {
                if (out.isCancelled()) {
                    return;
                }
                if (failure != null) {
                    fail(failure, out);
                    return;
                }
                out.onNext(response(answer, digest, request.getPerValue()));
                out.onCompleted();
            }, workshop.drains());
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }

    private static void fail(Throwable failure, StreamObserver<?> out) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof EngineException known) {
            out.onError(Statuses.of(known));
        } else if (!(cause instanceof CancellationException)) {
            log.error("Scoring failed", cause);
            out.onError(Statuses.internal());
        }
    }

    private static ScoreResponse response(List<ImageScore> scores, String digest, boolean perValue) {
        ScoreResponse.Builder response = ScoreResponse.newBuilder().setBundleDigest(digest);
        for (ImageScore score : scores) {
            io.scanline.v1.ImageScore.Builder message = response.addScoresBuilder()
                    .setLogLikelihoodNats(score.logLikelihoodNats())
                    .setBitsPerDim(score.bitsPerDim());
            if (perValue) {
                for (float value : score.valueLogLikelihoods()) {
                    message.addValueLogLikelihoods(value);
                }
            }
        }
        return response.build();
    }
}
