package io.scanline.server.transport;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EngineException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a unary call with what the engine promised, and takes the promise back when nobody waits any more. */
final class UnaryAnswer {
    private static final Logger log = LoggerFactory.getLogger(UnaryAnswer.class);

    private UnaryAnswer() {}

    /**
     * Answers when the engine has.
     *
     * @param writing where the answer is written: the engine completes it on its own thread, which has better to do
     */
    static <T, A> void send(
            CompletableFuture<T> promised, StreamObserver<A> observer, Executor writing, Function<T, A> response) {
        ServerCallStreamObserver<A> out = (ServerCallStreamObserver<A>) observer;
        out.setOnCancelHandler(() -> promised.cancel(false));
        promised.whenCompleteAsync((answer, failure) -> {
            if (out.isCancelled()) {
                return;
            }
            if (failure != null) {
                fail(failure, out);
                return;
            }
            out.onNext(response.apply(answer));
            out.onCompleted();
        }, writing);
    }

    private static void fail(Throwable failure, StreamObserver<?> out) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof EngineException known) {
            out.onError(Statuses.of(known));
        } else if (!(cause instanceof CancellationException)) {
            log.error("A call failed", cause);
            out.onError(Statuses.internal());
        }
    }
}
