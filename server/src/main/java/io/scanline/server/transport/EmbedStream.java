package io.scanline.server.transport;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.EmbedInput;
import io.scanline.server.engine.EmbedRequest;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.Reason;
import io.scanline.v1.EmbedStreamRequest;
import io.scanline.v1.EmbedStreamResponse;
import io.scanline.v1.ModelSelector;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of inputs and vectors. It reads a few inputs ahead of the oldest one that is not answered, and none while
 * its reader does not take what is there: neither side can make it grow. Answers come in the order of the inputs.
 * Sending is left to the workshop's threads, one at a time for a stream.
 */
final class EmbedStream implements StreamObserver<EmbedStreamRequest> {
    /** Inputs that are read and not answered. */
    static final int AHEAD = 8;

    private static final Logger log = LoggerFactory.getLogger(EmbedStream.class);

    private final ImageEngine engine;
    private final ServerCallStreamObserver<EmbedStreamResponse> out;
    private final StreamWorkshop workshop;
    private final Refusals refusals;
    private final CoalescingTask sending;
    private final long deadlineNanos = Requests.deadlineNanos();
    private final ArrayDeque<CompletableFuture<float[]>> waiting = new ArrayDeque<>(); // guarded by this
    private ModelSelector model; // of the call's own thread
    private boolean complete; // guarded by this: there are no more inputs
    private boolean over; // guarded by this
    private long index; // of the sending thread

    EmbedStream(
            ImageEngine engine, ServerCallStreamObserver<EmbedStreamResponse> out, StreamWorkshop workshop,
            Refusals refusals) {
        this.engine = engine;
        this.out = out;
        this.workshop = workshop;
        this.refusals = refusals;
        this.sending = new CoalescingTask(workshop.drains(), this::send);
    }

    StreamObserver<EmbedStreamRequest> begin() {
        workshop.streams().opened();
        out.disableAutoRequest();
        out.setOnReadyHandler(sending::ask);
        out.setOnCancelHandler(this::end);
        out.request(AHEAD);
        return this;
    }

    @Override
    public void onNext(EmbedStreamRequest request) {
        CompletableFuture<float[]> answer = ask(request);
        boolean unwanted;
        synchronized (this) {
            unwanted = over;
            if (!unwanted) {
                waiting.add(answer);
            }
        }
        if (unwanted) {
            answer.cancel(false);
        } else {
            answer.whenComplete((vector, failure) -> sending.ask());
        }
    }

    private CompletableFuture<float[]> ask(EmbedStreamRequest request) {
        try {
            if (model == null) {
                model = Requests.required(request.getModel());
            } else if (request.hasModel() && !request.getModel().equals(model)) {
                throw refusals.counted(EngineException.field(
                        Reason.MODEL_CHANGED, "model", "the first message of the stream names another model"));
            }
            EmbedInput input = EmbeddingRequests.input("input", request.getInput());
            return first(engine.embeddings().embed(
                    new EmbedRequest(model.getName(), model.getVersion(), List.of(input), deadlineNanos)));
        } catch (EngineException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** The only vector of an answer. */
    private static CompletableFuture<float[]> first(CompletableFuture<List<float[]>> all) {
        CompletableFuture<float[]> one = new CompletableFuture<>();
        all.whenComplete((vectors, failure) -> {
            if (failure == null) {
                one.complete(vectors.get(0));
            } else {
                one.completeExceptionally(failure);
            }
        });
        one.whenComplete((vector, failure) -> {
            if (one.isCancelled()) {
                all.cancel(false);
            }
        });
        return one;
    }

    @Override
    public void onError(Throwable cancelled) {
        end();
    }

    @Override
    public void onCompleted() {
        synchronized (this) {
            complete = true;
        }
        sending.ask();
    }

    /** Sends the answers that are due, as far as the reader takes them, and reads as many inputs more. */
    private void send() {
        while (true) {
            CompletableFuture<float[]> next;
            synchronized (this) {
                next = waiting.peek();
                if (over || next == null && !complete || next != null && (!next.isDone() || !out.isReady())) {
                    return;
                }
                waiting.poll();
            }
            if (next == null) {
                out.onCompleted();
                end();
                return;
            }
            if (!answered(next)) {
                return;
            }
            out.request(1);
        }
    }

    /** Sends one answer; false: it ended the stream. */
    private boolean answered(CompletableFuture<float[]> done) {
        EmbedStreamResponse.Builder response = EmbedStreamResponse.newBuilder().setIndex(index++);
        try {
            response.setEmbedding(EmbeddingMessages.embedding(done.getNow(null)));
        } catch (RuntimeException failed) { // a CompletionException, or that it was cancelled
            Throwable cause = failed.getCause();
            if (!(cause instanceof EngineException refused)) {
                log.error("A call failed", failed);
                fail(Statuses.internal());
                return false;
            }
            if (!ofInput(refused)) {
                fail(Statuses.of(refused));
                return false;
            }
            response.setRefusal(refused.reason() + ": " + refused.getMessage());
        }
        out.onNext(response.build());
        return true;
    }

    /** Whether the next input may fare better. A model that is not there or not named stays so. */
    private boolean ofInput(EngineException refused) {
        Status.Code code = Statuses.of(refused).getStatus().getCode();
        boolean ofModel = refused.field().filter(field -> field.startsWith("model.")).isPresent()
                || refused.reason() == Reason.MODEL_NOT_SERVING
                || refused.reason() == Reason.EMBEDDING_NOT_SUPPORTED;
        return !ofModel
                && (code == Status.Code.INVALID_ARGUMENT || code == Status.Code.FAILED_PRECONDITION
                        || code == Status.Code.RESOURCE_EXHAUSTED);
    }

    private void fail(Throwable status) {
        out.onError(status);
        end();
    }

    /** Gives up what is under way; at most once. */
    private void end() {
        List<CompletableFuture<float[]>> unwanted;
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            unwanted = List.copyOf(waiting);
            waiting.clear();
        }
        unwanted.forEach(answer -> answer.cancel(false));
        workshop.streams().closed();
    }
}
