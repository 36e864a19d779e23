package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.server.engine.Caption;
import io.scanline.v1.CaptionResponse;
import java.util.Optional;

/**
 * One Caption call. What a reader has not taken stays with the caption, which has no more tokens than its model's
 * context holds.
 */
final class CaptionStream extends AdmittedStream<Caption, CaptionResponse> {
    // Of the drain alone.
    private boolean started;
    private int sent;

    CaptionStream(ServerCallStreamObserver<CaptionResponse> out, StreamWorkshop workshop) {
        super(out, workshop);
    }

    @Override
    void send(Caption running) {
        if (!started && out.isReady() && running.queuePosition().isPresent()) {
            started = true;
            out.onNext(CaptionMessages.started(running, running.queuePosition().getAsInt()));
        }
        // Before its tokens: none is added once it is there.
        Optional<Caption.Result> result = running.result();
        while (started && out.isReady() && sent < running.tokens()) {
            out.onNext(CaptionMessages.token(running.token(sent), sent));
            sent++;
        }
        if (started && result.isPresent() && sent == running.tokens() && out.isReady()) {
            CaptionResponse last = CaptionMessages.finished(result.get());
            close();
            out.onNext(last);
            out.onCompleted();
        }
    }
}
