package io.scanline.server.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Everything that the transport may ask of the engine. Safe for use by any thread; no call waits for a model. */
public interface ImageEngine extends AutoCloseable {
    /** All model versions of the repository, by name and then by version number. */
    List<ModelInfo> models();

    /**
     * One model version.
     *
     * @param version empty: the highest that is serving, or else the highest
     * @throws EngineException MODEL_NOT_FOUND
     */
    ModelInfo model(String name, String version) throws EngineException;

    /**
     * Checks and admits a request; its images are then made in the background.
     *
     * @param listener told of progress from now on, perhaps before this returns
     * @throws EngineException when it is refused
     */
    Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException;

    /**
     * Scores images in the background.
     *
     * @return completes with the scores in order, or exceptionally with an {@link EngineException}; cancelling it drops
     *     the work that has not started
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException;

    /** What models with a latent space can do besides. */
    LatentEngine latents();

    /** What models that look at images can do. */
    EmbeddingEngine embeddings();

    /** What models that put images into words can do. */
    CaptionEngine captions();

    /** Refuses new work from now on and waits for the work at hand, at most this long; true: all of it was finished. */
    boolean drain(Duration atMost) throws InterruptedException;

    /** Gives up all work (SHUTTING_DOWN) and frees all memory. */
    @Override
    void close();
}
