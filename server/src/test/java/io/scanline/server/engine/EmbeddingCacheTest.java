package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.engine.EmbeddingCache.Key;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EmbeddingCacheTest {
    private static final float[] VECTOR = {1, 0};

    private final EmbeddingCache cache = new EmbeddingCache(10_000, new SimpleMeterRegistry());
    private final List<CompletableFuture<float[]>> begun = new ArrayList<>();
    private final AtomicInteger givenUp = new AtomicInteger();

    private static Key key(int number) {
        return new Key("sha256:0", Stage.EMBED_TEXT, EmbedInput.Text.class, "k" + number);
    }

    private CompletableFuture<float[]> ask(int number) {
        return cache.get(key(number), answer -> {
            begun.add(answer);
            return givenUp::incrementAndGet;
        });
    }

    @Test
    void whatIsAskedTwiceAtOnceIsComputedOnce() {
        CompletableFuture<float[]> one = ask(1);
        CompletableFuture<float[]> other = ask(1);
        assertThat(begun).hasSize(1);
        begun.get(0).complete(VECTOR);
        assertThat(one).isCompletedWithValue(VECTOR);
        assertThat(other).isCompletedWithValue(VECTOR);
        assertThat(ask(1)).isCompletedWithValue(VECTOR);
        assertThat(begun).hasSize(1);
    }

    @Test
    void workGoesOnAsLongAsSomebodyWaits() {
        CompletableFuture<float[]> one = ask(1);
        CompletableFuture<float[]> other = ask(1);
        one.cancel(false);
        assertThat(givenUp).hasValue(0);
        other.cancel(false);
        assertThat(givenUp).hasValue(1);
        ask(1);
        assertThat(begun).hasSize(2);
    }

    @Test
    void failureIsTheFailureOfAllWhoWaitAndOfNobodyElse() {
        CompletableFuture<float[]> one = ask(1);
        CompletableFuture<float[]> other = ask(1);
        begun.get(0).completeExceptionally(EngineException.of(Reason.INTERNAL, "broken"));
        assertThat(one).isCompletedExceptionally();
        assertThat(other).isCompletedExceptionally();
        assertThat(ask(1)).isNotDone();
        assertThat(begun).hasSize(2);
    }

    @Test
    void memoryIsBounded() {
        for (int i = 0; i < 1000; i++) {
            ask(i);
            begun.get(i).complete(new float[100]);
            assertThat(cache.bytes()).isLessThanOrEqualTo(10_000);
        }
        assertThat(cache.bytes()).isGreaterThan(5_000);
    }

    @Test
    void answerThatIsThereAtOnceIsHandedOut() {
        CompletableFuture<float[]> answer = cache.get(key(7), own -> {
            own.complete(VECTOR);
            return givenUp::incrementAndGet;
        });
        assertThat(answer).isCompletedWithValue(VECTOR);
        assertThat(givenUp).hasValue(0);
    }
}
