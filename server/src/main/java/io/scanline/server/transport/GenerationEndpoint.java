package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generations;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ImageScore;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.CancelResponse;
import io.scanline.v1.GenerateInteractiveRequest;
import io.scanline.v1.GenerateInteractiveResponse;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.util.List;
import java.util.OptionalInt;

/** Makes and scores images: hands the request to the engine, and what comes of it to the reader. */
final class GenerationEndpoint extends GenerationServiceGrpc.GenerationServiceImplBase {
    private final ImageEngine engine;
    private final Generations generations;
    private final StreamOpener opener;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    GenerationEndpoint(ImageEngine engine, Generations generations, StreamWorkshop workshop, Refusals refusals) {
        this.engine = engine;
        this.generations = generations;
        this.opener = new StreamOpener(generations, workshop, refusals);
        this.workshop = workshop;
        this.refusals = refusals;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
        EventSink<GenerateResponse> out =
                new EventSink<>((ServerCallStreamObserver<GenerateResponse>) observer, event -> event);
        opener.start(request, opener.connect(out), out);
    }

    @Override
    public StreamObserver<GenerateInteractiveRequest> generateInteractive(
            StreamObserver<GenerateInteractiveResponse> observer) {
        EventSink<GenerateInteractiveResponse> out = new EventSink<>(
                (ServerCallStreamObserver<GenerateInteractiveResponse>) observer,
                event -> GenerateInteractiveResponse.newBuilder().setResponse(event).build());
        return new Steering(opener, refusals, opener.connect(out), out);
    }

    @Override
    public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
        EventSink<ResumeResponse> out = new EventSink<>(
                (ServerCallStreamObserver<ResumeResponse>) observer,
                event -> ResumeResponse.newBuilder().setResponse(event).build());
        opener.resume(request, opener.connect(out), out);
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelResponse> out) {
        int images;
        try {
            OptionalInt image =
                    request.hasImageIndex() ? OptionalInt.of(request.getImageIndex()) : OptionalInt.empty();
            images = generations.cancel(request.getGenerationId(), image);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        out.onNext(CancelResponse.newBuilder().setImages(images).build());
        out.onCompleted();
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
