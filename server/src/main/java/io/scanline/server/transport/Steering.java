package io.scanline.server.transport;

import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.OpenGeneration;
import io.scanline.server.engine.Reason;
import io.scanline.v1.GenerateInteractiveRequest;
import java.util.Optional;

/**
 * What the client of one GenerateInteractive call says: first what is to be made, then how to go on. gRPC hands it one
 * message after another.
 */
final class Steering implements StreamObserver<GenerateInteractiveRequest> {
    private final StreamOpener opener;
    private final Refusals refusals;
    private final GenerationStream stream;
    private final EventSink<?> out;
    private Optional<OpenGeneration> opened = Optional.empty();
    private boolean over;

    Steering(StreamOpener opener, Refusals refusals, GenerationStream stream, EventSink<?> out) {
        this.opener = opener;
        this.refusals = refusals;
        this.stream = stream;
        this.out = out;
    }

    @Override
    public void onNext(GenerateInteractiveRequest message) {
        if (over) {
            return;
        }
        try {
            if (opened.isPresent()) {
                steer(opened.get(), message);
            } else {
                start(message);
            }
        } catch (EngineException refusal) {
            over = true;
            refusals.counted(refusal);
            if (opened.isPresent()) {
                stream.refuse(refusal);
            } else {
                out.refuse(Statuses.of(refusal));
            }
        }
    }

    private void start(GenerateInteractiveRequest message) throws EngineException {
        if (!message.hasStart()) {
            throw noStart();
        }
        opened = opener.start(message.getStart(), stream, out);
        over = opened.isEmpty();
    }

    private void steer(OpenGeneration running, GenerateInteractiveRequest message) throws EngineException {
        switch (message.getActionCase()) {
            case START -> throw EngineException.field(
                    Reason.STARTED_TWICE, "start", "the generation is started already; open another call");
            case PAUSE -> running.pause();
            case CONTINUE -> running.proceed();
            case CADENCE -> stream.pace(StreamPlan.of(message.getCadence()));
            case CANCEL_IMAGE -> running.cancel(message.getCancelImage().getImageIndex());
            case ACTION_NOT_SET -> throw EngineException.field(
                    Reason.FIELD_REQUIRED, "action", "action is missing, or not known to this server");
        }
    }

    private static EngineException noStart() {
        return EngineException.field(Reason.FIELD_REQUIRED, "start", "the first message must be start");
    }

    /** The call is gone; the stream is told so itself. */
    @Override
    public void onError(Throwable gone) {
        over = true;
    }

    @Override
    public void onCompleted() {
        if (opened.isEmpty() && !over) {
            over = true;
            out.refuse(Statuses.of(refusals.counted(noStart())));
        }
    }
}
