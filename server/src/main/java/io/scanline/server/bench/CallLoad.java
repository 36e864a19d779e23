package io.scanline.server.bench;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageEngine;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Requests of one image each, straight into the engine. */
final class CallLoad {
    private final ImageEngine engine;
    private final ModelInfo model;
    private final int requests;
    private final int steps;

    CallLoad(ImageEngine engine, ModelInfo model, int requests) {
        this.engine = engine;
        this.model = model;
        this.requests = requests;
        this.steps = model.bundle().orElseThrow().getAutoregression().getSteps();
    }

    /**
     * Makes an image for every request.
     *
     * @return nanoseconds from the first request to the last value
     */
    long nanos(long seed) throws EngineException, InterruptedException {
        CountDownLatch done = new CountDownLatch(requests);
        List<Generation> generations = new ArrayList<>();
        long begun = System.nanoTime();
        for (int request = 0; request < requests; request++) {
            generations.add(engine.generate(request(seed + request), new Counter(done)));
        }
        done.await();
        long nanos = System.nanoTime() - begun;
        for (Generation generation : generations) {
            if (generation.failure().isPresent()) {
                throw generation.failure().get();
            }
        }
        return nanos;
    }

    private GenerationRequest request(long seed) {
        return BenchModels.image(model, seed);
    }

    /** One image has one piece of news for every value. */
    private final class Counter implements ProgressListener {
        private final CountDownLatch done;
        private int told;

        Counter(CountDownLatch done) {
            this.done = done;
        }

        @Override
        public void progressed() {
            told++;
            if (told == steps) {
                done.countDown();
            }
        }
    }
}
