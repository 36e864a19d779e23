package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The engine: loads a model repository and gives every model that passes its checks a decode lane and a scorer. */
public final class DecodingEngine implements ImageEngine {
    private DecodingEngine() {}

    /**
     * Loads every bundle of the repository. A bundle that fails its checks is listed with its failure; the others serve.
     *
     * @param config how the engine is set up
     * @param meters takes the measurements of every model
     * @throws java.io.UncheckedIOException when the repository is not a directory that can be listed
     */
    public static DecodingEngine open(EngineConfig config, MeterRegistry meters) {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public List<ModelInfo> models() {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public ModelInfo model(String name, String version) throws EngineException {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public boolean drain(Duration atMost) throws InterruptedException {
        throw new UnsupportedOperationException("the engine is being built");
    }

    @Override
    public void close() {}
}
