package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.InterpolationRequest;
import io.scanline.server.engine.ModelInfo;
import io.scanline.v1.DecodeRequest;
import io.scanline.v1.DecodeResponse;
import io.scanline.v1.EncodeRequest;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.InterpolateRequest;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.LatentServiceGrpc;

/** Maps images to latents and back: hands the request to the engine, and what comes of it to the reader. */
final class LatentEndpoint extends LatentServiceGrpc.LatentServiceImplBase {
    private final ImageEngine engine;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    LatentEndpoint(ImageEngine engine, StreamWorkshop workshop, Refusals refusals) {
        this.engine = engine;
        this.workshop = workshop;
        this.refusals = refusals;
    }

    @Override
    public void encode(EncodeRequest request, StreamObserver<EncodeResponse> out) {
        io.scanline.server.engine.EncodeRequest asked;
        try {
            asked = LatentRequests.encode(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        try {
            ModelInfo model = engine.model(asked.model(), asked.version());
            UnaryAnswer.send(engine.latents().encode(asked), out, workshop.drains(),
                    latents -> LatentMessages.encoded(latents, model));
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }

    @Override
    public void decode(DecodeRequest request, StreamObserver<DecodeResponse> out) {
        io.scanline.server.engine.DecodeRequest asked;
        try {
            asked = LatentRequests.decode(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        try {
            ModelInfo model = engine.model(asked.model(), asked.version());
            UnaryAnswer.send(engine.latents().decode(asked), out, workshop.drains(),
                    images -> LatentMessages.decoded(images, model));
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusal));
        }
    }

    @Override
    public void interpolate(InterpolateRequest request, StreamObserver<InterpolateResponse> observer) {
        ServerCallStreamObserver<InterpolateResponse> out = (ServerCallStreamObserver<InterpolateResponse>) observer;
        InterpolationRequest asked;
        try {
            asked = LatentRequests.interpolate(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        new InterpolationStream(out, workshop).open(news -> engine.latents().interpolate(asked, news));
    }
}
