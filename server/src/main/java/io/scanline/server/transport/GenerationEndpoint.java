package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ImageScore;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.util.List;

/** Makes and scores images: hands the request to the engine, and what comes of it to the reader. */
final class GenerationEndpoint extends GenerationServiceGrpc.GenerationServiceImplBase {
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
    public void score(ScoreRequest request, StreamObserver<ScoreResponse> out) {
        io.scanline.server.engine.ScoreRequest asked;
        try {
            asked = Requests.score(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        try {
            ModelInfo model = engine.model(asked.model(), asked.version());
            UnaryAnswer.send(engine.score(asked), out, workshop.drains(),
                    scores -> response(scores, model, asked.perValue()));
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }

    private static ScoreResponse response(List<ImageScore> scores, ModelInfo model, boolean perValue) {
        ScoreResponse.Builder response = ScoreResponse.newBuilder().setBundleDigest(model.digest());
        for (ImageScore score : scores) {
            io.scanline.v1.ImageScore.Builder message = response.addScoresBuilder()
                    .setLogLikelihoodNats(score.logLikelihoodNats())
                    .setBitsPerDim(score.bitsPerDim())
                    .setKind(ModelMessages.kind(model.scored()));
            if (perValue) {
                for (float value : score.valueLogLikelihoods()) {
                    message.addValueLogLikelihoods(value);
                }
            }
        }
        return response.build();
    }
}
