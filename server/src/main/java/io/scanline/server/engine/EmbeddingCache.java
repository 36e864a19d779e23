package io.scanline.server.engine;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Answers of graphs by what they were shown, and those that are under way: what is asked twice at once is computed
 * once. Safe for use by any thread.
 */
final class EmbeddingCache implements AutoCloseable {
    /** Memory of an entry beside its numbers: the key with its two digests, and the cache's own node. */
    private static final int ENTRY_BYTES = 400;

    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();
    private final Cache<Key, float[]> answers;
    private final Map<Key, Flight> flights = new HashMap<>(); // guarded by this
    private final Counter hits;
    private final Counter misses;
    private final Counter joined;

    /**
     * What was asked.
     *
     * @param bundle digest of the bundle
     * @param stage the graph
     * @param kind of the input: the same bytes mean another thing as a picture, as values and as a text
     * @param sha256 of the input's bytes, hexadecimal
     */
    record Key(String bundle, Stage stage, Class<? extends EmbedInput> kind, String sha256) {}

    /** An answer under way, and how many wait for it. */
    private static final class Flight {
        final CompletableFuture<float[]> answer = new CompletableFuture<>(); // completed by the work
        final CompletableFuture<float[]> landed = new CompletableFuture<>(); // the same, once it is kept
        int waiting; // guarded by the cache
        Runnable giveUp; // guarded by the cache; null: not begun yet
    }

    /** @param maxBytes memory for answers that are kept */
    EmbeddingCache(long maxBytes, MeterRegistry registry) {
        this.registry = registry;
        this.answers = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((Key key, float[] answer) -> ENTRY_BYTES + answer.length * Float.BYTES)
                .executor(Runnable::run)
                .build();
        this.hits = counter("hit");
        this.misses = counter("miss");
        this.joined = counter("joined");
        meters.add(Gauge.builder("scanline.embedding.cache.bytes", this::bytes)
                .description("Memory of the answers that are kept")
                .register(registry));
    }

    private Counter counter(String result) {
        Counter counter = Counter.builder("scanline.embedding.cache.requests")
                .description("Inputs by where their answer came from: kept (hit), under way (joined), computed (miss)")
                .tag("result", result)
                .register(registry);
        meters.add(counter);
        return counter;
    }

    /** Memory of the answers that are kept. */
    long bytes() {
        return answers.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }

    /** Whether an answer is kept. */
    boolean has(Key key) {
        return answers.getIfPresent(key) != null;
    }

    /**
     * The answer to a question. Cancelling it gives up the work when nobody else waits for it.
     *
     * @param begin begins the work, which completes what it is given, and hands out how to give it up
     */
    CompletableFuture<float[]> get(Key key, Function<CompletableFuture<float[]>, Runnable> begin) {
        Flight flight;
        boolean first;
        synchronized (this) {
            float[] kept = answers.getIfPresent(key);
            if (kept != null) {
                hits.increment();
                return CompletableFuture.completedFuture(kept);
            }
            flight = flights.get(key);
            first = flight == null;
            if (first) {
                flight = new Flight();
                flights.put(key, flight);
            }
            flight.waiting++;
        }
        (first ? misses : joined).increment();
        CompletableFuture<float[]> own = new CompletableFuture<>();
        Flight awaited = flight;
        own.whenComplete((answer, failure) -> {
            if (own.isCancelled()) {
                leave(key, awaited);
            }
        });
        if (first) {
            flight.answer.whenComplete((answer, failure) -> {
                land(key, awaited, answer);
                pass(answer, failure, awaited.landed);
            });
        }
        flight.landed.whenComplete((answer, failure) -> pass(answer, failure, own));
        if (first) {
            begin(key, flight, begin);
        }
        return own;
    }

    private static void pass(float[] answer, Throwable failure, CompletableFuture<float[]> to) {
        if (failure == null) {
            to.complete(answer);
        } else {
            to.completeExceptionally(failure);
        }
    }

    private void begin(Key key, Flight flight, Function<CompletableFuture<float[]>, Runnable> begin) {
        Runnable giveUp = begin.apply(flight.answer);
        boolean unwanted;
        synchronized (this) {
            flight.giveUp = giveUp;
            unwanted = flight.waiting == 0;
        }
        if (unwanted) {
            giveUp.run();
        }
    }

    private synchronized void land(Key key, Flight flight, float[] answer) {
        if (answer != null) {
            answers.put(key, answer);
        }
        flights.remove(key, flight);
    }

    private void leave(Key key, Flight flight) {
        Runnable giveUp;
        synchronized (this) {
            if (--flight.waiting > 0) {
                return;
            }
            flights.remove(key, flight); // who asks now begins anew
            giveUp = flight.giveUp;
        }
        if (giveUp != null) {
            giveUp.run();
        }
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
