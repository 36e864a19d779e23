package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.contract.PictureReader;
import io.scanline.contract.PictureReader.Format;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** What all models that look at images share: limits, threads that decode pictures, and what was answered before. */
final class LookDesk implements AutoCloseable {
    private final LookConfig config;
    private final PictureReader pictures;
    private final ExecutorService decoders;
    private final EmbeddingCache cache;

    LookDesk(LookConfig config, MeterRegistry meters) {
        this.config = config;
        this.pictures = new PictureReader(
                Set.of(Format.PNG, Format.JPEG, Format.WEBP, Format.GIF), config.maxPicturePixels());
        // As many pictures take memory at a time.
        int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
        AtomicInteger number = new AtomicInteger();
        this.decoders = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "picture-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        this.cache = new EmbeddingCache(config.cacheBytes(), meters);
    }

    LookConfig config() {
        return config;
    }

    PictureReader pictures() {
        return pictures;
    }

    /** Where pictures are decoded. */
    Executor decoders() {
        return decoders;
    }

    EmbeddingCache cache() {
        return cache;
    }

    @Override
    public void close() {
        decoders.shutdownNow();
        cache.close();
    }
}
