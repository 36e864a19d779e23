package io.scanline.server.bench;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Two engines over the same models, of which one guesses: they must draw the same bytes. */
final class GuessPair implements AutoCloseable {
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DecodingEngine guessing;
    private final DecodingEngine plain;

    /** What one engine made of requests that ran at the same time. */
    private record Made(long nanos, List<byte[]> images) {}

    /** Nanoseconds that the same requests took, guessing and not. */
    record Times(long guessing, long plain) {}

    GuessPair(EngineConfig config) {
        guessing = DecodingEngine.open(config.guessing(true), meters);
        try {
            plain = DecodingEngine.open(
                    config.guessing(false), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        } catch (RuntimeException | Error failed) {
            guessing.close();
            throw failed;
        }
    }

    /** Runs of the guessing engine for every value that it drew since this was asked before. */
    double[] runsAndValues(ModelInfo model) {
        double runs = meters.get("scanline.step").tag("model", model.name()).timer().count();
        double values = meters.get("scanline.pixels").tag("model", model.name()).counter().count();
        return new double[] {runs, values};
    }

    /**
     * Has both make the same images, one engine after the other.
     *
     * @param guessingFirst which begins
     * @throws IllegalStateException when the images differ
     */
    Times make(List<GenerationRequest> requests, boolean guessingFirst) throws EngineException, InterruptedException {
        Made first = make(guessingFirst ? guessing : plain, requests);
        Made second = make(guessingFirst ? plain : guessing, requests);
        for (int i = 0; i < first.images().size(); i++) {
            if (!Arrays.equals(first.images().get(i), second.images().get(i))) {
                int at = Arrays.mismatch(first.images().get(i), second.images().get(i));
                throw new IllegalStateException("value " + at + " of an image is another one when guessing");
            }
        }
        return guessingFirst
                ? new Times(first.nanos(), second.nanos())
                : new Times(second.nanos(), first.nanos());
    }

    /** Any values that the model draws. */
    byte[] image(GenerationRequest request) throws EngineException, InterruptedException {
        return make(plain, List.of(request)).images().get(0);
    }

    private static Made make(DecodingEngine engine, List<GenerationRequest> requests)
            throws EngineException, InterruptedException {
        Semaphore news = new Semaphore(0);
        ProgressListener listener = news::release;
        long begun = System.nanoTime();
        List<Generation> generations = new ArrayList<>();
        for (GenerationRequest request : requests) {
            generations.add(engine.generate(request, listener));
        }
        for (Generation generation : generations) {
            while (!ended(generation)) {
                news.acquire();
                news.drainPermits();
            }
        }
        long nanos = System.nanoTime() - begun;
        List<byte[]> images = new ArrayList<>();
        for (Generation generation : generations) {
            if (generation.failure().isPresent()) {
                throw generation.failure().get();
            }
            for (ImageProgress image : generation.images()) {
                images.add(image.values(0, image.decided()));
            }
        }
        return new Made(nanos, images);
    }

    private static boolean ended(Generation generation) {
        return generation.failure().isPresent()
                || generation.images().stream().allMatch(image -> image.result().isPresent());
    }

    @Override
    public void close() {
        guessing.close();
        plain.close();
    }
}
