package io.scanline.server.bench;

import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.GuessMode;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Two engines over the same models, of which one guesses, also where that is but close. */
final class GuessPair implements AutoCloseable {
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final DecodingEngine guessing;
    private final DecodingEngine plain;

    /** What one engine made of requests that ran at the same time. */
    private record Made(long nanos, List<byte[]> images) {}

    /** Nanoseconds that the same requests took, guessing and not, and how many of their images differ. */
    record Times(long guessing, long plain, int different) {}

    GuessPair(EngineConfig config) {
        guessing = DecodingEngine.open(config.guessing(GuessMode.CLOSE), meters);
        try {
            plain = DecodingEngine.open(
                    config.guessing(GuessMode.OFF), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        } catch (RuntimeException | Error failed) {
            guessing.close();
            throw failed;
        }
    }

    /** Runs of the guessing engine, and values that it drew, in a precision. */
    double[] runsAndValues(ModelInfo model, String precision) {
        Tags lane = Tags.of("model", model.name(), "precision", precision);
        double runs = meters.get("scanline.step").tags(lane).timer().count();
        double values = meters.get("scanline.pixels").tags(lane).counter().count();
        return new double[] {runs, values};
    }

    /**
     * Has both make the same images, one engine after the other.
     *
     * @param guessingFirst which begins
     */
    Times make(List<GenerationRequest> requests, boolean guessingFirst) throws EngineException, InterruptedException {
        Made first = make(guessingFirst ? guessing : plain, requests);
        Made second = make(guessingFirst ? plain : guessing, requests);
        int different = 0;
        for (int i = 0; i < first.images().size(); i++) {
            different += Arrays.equals(first.images().get(i), second.images().get(i)) ? 0 : 1;
        }
        return guessingFirst
                ? new Times(first.nanos(), second.nanos(), different)
                : new Times(second.nanos(), first.nanos(), different);
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
