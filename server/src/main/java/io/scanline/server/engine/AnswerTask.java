package io.scanline.server.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A request of a one-shot lane that is answered once, when all of it is done. */
abstract class AnswerTask<T> extends OneShotTask {
    private final CompletableFuture<List<T>> answer = new CompletableFuture<>();
    private volatile EngineException failure;

    AnswerTask(int label, int encodes, int decodes, int room, long deadlineNanos) {
        super(label, encodes, decodes, room, deadlineNanos);
    }

    /** Completes with one result for each image, or exceptionally with an {@link EngineException}. */
    final CompletableFuture<List<T>> answer() {
        return answer;
    }

    /** To be called when every item was read. */
    abstract List<T> results();

    @Override
    final void fail(EngineException why) {
        failure = why;
    }

    @Override
    final void tell() {
        if (failure != null) {
            answer.completeExceptionally(failure);
        } else if (complete()) {
            answer.complete(results());
        }
    }
}
