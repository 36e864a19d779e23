package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.server.engine.Interpolation;
import io.scanline.v1.InterpolateResponse;
import java.util.Optional;

/** One Interpolate call. Frames that are not taken are not decoded either. */
final class InterpolationStream extends AdmittedStream<Interpolation, InterpolateResponse> {
    InterpolationStream(ServerCallStreamObserver<InterpolateResponse> out, StreamWorkshop workshop) {
        super(out, workshop);
    }

    @Override
    void send(Interpolation running) {
        while (out.isReady()) {
            Optional<Interpolation.Frame> frame = running.poll();
            if (frame.isEmpty()) {
                break;
            }
            out.onNext(LatentMessages.frame(frame.get(), running.model()));
        }
        if (running.delivered()) {
            close();
            out.onCompleted();
        }
    }
}
