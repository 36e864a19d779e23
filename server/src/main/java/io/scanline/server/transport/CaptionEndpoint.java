package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ImageEngine;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;

/** Puts images into words: hands the request to the engine, and what comes of it to the reader. */
final class CaptionEndpoint extends CaptionServiceGrpc.CaptionServiceImplBase {
    private final ImageEngine engine;
    private final StreamWorkshop workshop;
    private final Refusals refusals;

    CaptionEndpoint(ImageEngine engine, StreamWorkshop workshop, Refusals refusals) {
        this.engine = engine;
        this.workshop = workshop;
        this.refusals = refusals;
    }

    @Override
    public void caption(CaptionRequest request, StreamObserver<CaptionResponse> observer) {
        ServerCallStreamObserver<CaptionResponse> out = (ServerCallStreamObserver<CaptionResponse>) observer;
        io.scanline.server.engine.CaptionRequest asked;
        try {
            asked = CaptionMessages.request(request);
        } catch (EngineException refusal) {
            out.onError(Statuses.of(refusals.counted(refusal)));
            return;
        }
        new CaptionStream(out, workshop).open(news -> engine.captions().caption(asked, news));
    }
}
