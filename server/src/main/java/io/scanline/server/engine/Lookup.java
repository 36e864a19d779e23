package io.scanline.server.engine;

import io.scanline.server.engine.OneShotTask.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * The answers to all inputs of one request. It asks for a few at a time, so that requests take turns however long they
 * are. The first input that fails fails the request, under the name of its field.
 */
final class Lookup<T> {
    /** Inputs of a request that are asked for at a time: a full batch. */
    static final int AT_ONCE = BatchTrial.LARGEST;

    private final List<Ask> asks;
    private final Function<Ask, CompletableFuture<float[]>> source;
    private final Function<List<float[]>, T> finish;
    private final Runnable left;
    private final CompletableFuture<T> answer = new CompletableFuture<>();
    private final float[][] found;
    private final List<CompletableFuture<float[]>> open = new ArrayList<>(); // guarded by this
    private int next; // guarded by this
    private int answered; // guarded by this
    private boolean asking; // guarded by this
    private boolean over; // guarded by this

    /**
     * One input and the graph that it is for.
     *
     * @param field where it stands in the request
     */
    record Ask(Stage stage, EmbedInput input, String field) {}

    /**
     * @param source answers one input
     * @param finish makes the request's answer of the answers to its inputs
     * @param left told once for each input when the request needs its answer no longer
     */
    Lookup(
            List<Ask> asks, Function<Ask, CompletableFuture<float[]>> source, Function<List<float[]>, T> finish,
            Runnable left) {
        this.asks = asks;
        this.source = source;
        this.finish = finish;
        this.left = left;
        this.found = new float[asks.size()][];
    }

    /** Begins. */
    CompletableFuture<T> answer(long deadlineNanos) {
        CompletableFuture<T> promised = new CompletableFuture<>();
        if (Deadline.exists(deadlineNanos)) {
            answer.orTimeout(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        answer.whenComplete((result, failure) -> {
            end();
            if (failure == null) {
                promised.complete(result);
            } else {
                promised.completeExceptionally(failure instanceof TimeoutException ? Deadline.exceeded() : failure);
            }
        });
        promised.whenComplete((result, failure) -> {
            if (promised.isCancelled()) {
                answer.cancel(false);
            }
        });
        ask();
        return promised;
    }

    /** Asks for what there is room for. Called by whoever has an answer: at most one asks at a time. */
    private void ask() {
        while (true) {
            int index;
            synchronized (this) {
                if (asking || over || next == asks.size() || open.size() >= AT_ONCE) {
                    return;
                }
                asking = true;
                index = next++;
            }
            CompletableFuture<float[]> own = source.apply(asks.get(index));
            boolean unwanted;
            synchronized (this) {
                open.add(own);
                unwanted = over;
            }
            if (unwanted) {
                own.cancel(false);
            }
            own.whenComplete((result, failure) -> take(index, own, result, failure));
            synchronized (this) {
                asking = false; // until now: an answer that is there at once is taken by this loop and not inside of it
            }
        }
    }

    private void take(int index, CompletableFuture<float[]> own, float[] result, Throwable failure) {
        boolean last;
        synchronized (this) {
            open.remove(own);
            if (over) {
                return;
            }
            found[index] = result;
            last = failure == null && ++answered == asks.size();
        }
        if (failure != null) {
            answer.completeExceptionally(named(asks.get(index).field(), failure));
        } else if (last) {
            finish();
        } else {
            left.run();
            ask();
        }
    }

    private void finish() {
        try {
            answer.complete(finish.apply(Arrays.asList(found)));
        } catch (RuntimeException | Error failure) {
            answer.completeExceptionally(failure);
        }
    }

    /** A refusal of an input names it. */
    private static Throwable named(String field, Throwable failure) {
        boolean ofInput = failure instanceof EngineException known
                && switch (known.reason()) {
                    case PICTURE_FORMAT_UNKNOWN, PICTURE_TOO_LARGE, PICTURE_UNREADABLE, TEXT_TOO_LONG,
                            FIELD_REQUIRED -> true;
                    default -> false;
                };
        return ofInput
                ? EngineException.field(
                        ((EngineException) failure).reason(), field, field + ": " + failure.getMessage())
                : failure;
    }

    private void end() {
        List<CompletableFuture<float[]>> unwanted;
        int unanswered;
        synchronized (this) {
            over = true;
            unwanted = List.copyOf(open);
            // The last one was not told of.
            unanswered = asks.size() - Math.min(answered, asks.size() - 1);
        }
        unwanted.forEach(own -> own.cancel(false));
        for (int i = 0; i < unanswered; i++) {
            left.run();
        }
    }
}
