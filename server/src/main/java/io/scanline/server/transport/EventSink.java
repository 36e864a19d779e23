package io.scanline.server.transport;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.scanline.v1.GenerateResponse;
import java.util.function.Function;

/** Where the events of a generation go: the calls that answer with them differ in the message around them. */
final class EventSink<T> {
    private final ServerCallStreamObserver<T> out;
    private final Function<GenerateResponse, T> wrap;

    EventSink(ServerCallStreamObserver<T> out, Function<GenerateResponse, T> wrap) {
        this.out = out;
        this.wrap = wrap;
    }

    boolean isReady() {
        return out.isReady();
    }

    void send(GenerateResponse event) {
        out.onNext(wrap.apply(event));
    }

    void complete() {
        out.onCompleted();
    }

    /** Ends the call with this, unless it has ended. */
    void refuse(StatusRuntimeException status) {
        if (!out.isCancelled()) {
            out.onError(status);
        }
    }

    /** Tells the stream what happens to the call. Only while the handler of the call runs. */
    void connect(GenerationStream stream) {
        out.setOnReadyHandler(stream::progressed);
        out.setOnCancelHandler(stream::abandon);
        out.setOnCloseHandler(stream::closed);
    }
}
