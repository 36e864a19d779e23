package io.scanline.cli;

import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.v1.CancelRequest;
import io.scanline.v1.CancelResponse;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.ClassifyRequest;
import io.scanline.v1.ClassifyResponse;
import io.scanline.v1.EmbedRequest;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.GetModelRequest;
import io.scanline.v1.GetModelResponse;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.LatentServiceGrpc;
import io.scanline.v1.ListModelsRequest;
import io.scanline.v1.ListModelsResponse;
import io.scanline.v1.Model;
import io.scanline.v1.ModelServiceGrpc;
import io.scanline.v1.RankRequest;
import io.scanline.v1.RankResponse;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.ResumeResponse;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** A server on a free port that answers as a test says. */
final class FakeServer implements AutoCloseable {
    /** How Generate is answered. */
    volatile BiConsumer<GenerateRequest, StreamObserver<GenerateResponse>> generate;
    /** How Resume is answered. */
    volatile BiConsumer<ResumeRequest, StreamObserver<ResumeResponse>> resume;
    /** The last request to resume. */
    volatile ResumeRequest resumeRequest;
    /** The last request to cancel. */
    volatile CancelRequest cancelRequest;
    /** How Score is answered. */
    volatile Function<ScoreRequest, ScoreResponse> score;
    /** How Encode is answered. */
    volatile Function<EncodeRequest, EncodeResponse> encode;
    /** How Interpolate is answered. */
    volatile Function<InterpolateRequest, List<InterpolateResponse>> interpolate;
    /** How Embed is answered. */
    volatile Function<EmbedRequest, EmbedResponse> embed;
    /** How Rank is answered. */
    volatile Function<RankRequest, RankResponse> rank;
    /** How Classify is answered. */
    volatile Function<ClassifyRequest, ClassifyResponse> classify;
    /** What Caption answers. */
    volatile BiConsumer<CaptionRequest, StreamObserver<CaptionResponse>> caption;
    /** What ListModels answers; GetModel answers the first. */
    volatile List<Model> models = List.of();
    /** The last request for images. */
    volatile GenerateRequest generateRequest;
    /** The name of the client of the last call; null: it gave none. */
    volatile String client;
    /** The last request for scores. */
    volatile ScoreRequest scoreRequest;
    /** Completes when a client has given up a generation. */
    final CompletableFuture<Void> cancelled = new CompletableFuture<>();

    private final Server server;
    private volatile int imagesCancelled;

    FakeServer() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(new Generation())
                .addService(new Latents())
                .addService(new Embeddings())
                .addService(new Captions())
                .addService(new Models())
                .intercept(new ServerInterceptor() {
                    @Override
                    public <Q, A> ServerCall.Listener<Q> interceptCall(
                            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                        client = headers.get(Metadata.Key.of("scanline-client", Metadata.ASCII_STRING_MARSHALLER));
                        return next.startCall(call, headers);
                    }
                })
                .build()
                .start();
    }

    /** Cancel answers this number from now on. */
    void cancelled(int images) {
        imagesCancelled = images;
    }

    String target() {
        return "localhost:" + server.getPort();
    }

    /** Runs a command that asks this server. */
    CommandResult run(String... command) {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(1, List.of("--target", target()));
        return CommandResult.of(arguments.toArray(String[]::new));
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }

    private final class Generation extends GenerationServiceGrpc.GenerationServiceImplBase {
        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateResponse> responses) {
            generateRequest = request;
            ((ServerCallStreamObserver<GenerateResponse>) responses).setOnCancelHandler(() -> cancelled.complete(null));
            generate.accept(request, responses);
        }

        @Override
        public void resume(ResumeRequest request, StreamObserver<ResumeResponse> responses) {
            resumeRequest = request;
            resume.accept(request, responses);
        }

        @Override
        public void cancel(CancelRequest request, StreamObserver<CancelResponse> responses) {
            cancelRequest = request;
            responses.onNext(CancelResponse.newBuilder().setImages(imagesCancelled).build());
            responses.onCompleted();
        }

        @Override
        public void score(ScoreRequest request, StreamObserver<ScoreResponse> responses) {
            scoreRequest = request;
            responses.onNext(score.apply(request));
            responses.onCompleted();
        }
    }

    private final class Latents extends LatentServiceGrpc.LatentServiceImplBase {
        @Override
        public void encode(EncodeRequest request, StreamObserver<EncodeResponse> responses) {
            responses.onNext(encode.apply(request));
            responses.onCompleted();
        }

        @Override
        public void interpolate(InterpolateRequest request, StreamObserver<InterpolateResponse> responses) {
            interpolate.apply(request).forEach(responses::onNext);
            responses.onCompleted();
        }
    }

    private final class Embeddings extends EmbeddingServiceGrpc.EmbeddingServiceImplBase {
        @Override
        public void embed(EmbedRequest request, StreamObserver<EmbedResponse> responses) {
            responses.onNext(embed.apply(request));
            responses.onCompleted();
        }

        @Override
        public void rank(RankRequest request, StreamObserver<RankResponse> responses) {
            responses.onNext(rank.apply(request));
            responses.onCompleted();
        }

        @Override
        public void classify(ClassifyRequest request, StreamObserver<ClassifyResponse> responses) {
            responses.onNext(classify.apply(request));
            responses.onCompleted();
        }
    }

    private final class Captions extends CaptionServiceGrpc.CaptionServiceImplBase {
        @Override
        public void caption(CaptionRequest request, StreamObserver<CaptionResponse> responses) {
            caption.accept(request, responses);
        }
    }

    private final class Models extends ModelServiceGrpc.ModelServiceImplBase {
        @Override
        public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> responses) {
            responses.onNext(ListModelsResponse.newBuilder().addAllModels(models).build());
            responses.onCompleted();
        }

        @Override
        public void getModel(GetModelRequest request, StreamObserver<GetModelResponse> responses) {
            responses.onNext(GetModelResponse.newBuilder().setModel(models.get(0)).build());
            responses.onCompleted();
        }
    }
}
