package io.scanline.server.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What the transport may ask of models that look at images and texts. Safe for use by any thread; no call waits for a
 * model. Every answer completes exceptionally with an {@link EngineException} when it fails, and cancelling it drops
 * the work that has not started and that nobody else waits for. Models that cannot do it refuse with
 * EMBEDDING_NOT_SUPPORTED, TEXT_NOT_SUPPORTED or CLASSIFY_NOT_SUPPORTED.
 */
public interface EmbeddingEngine {
    /**
     * Embeds images and texts.
     *
     * @return vectors of length 1, in the order of the inputs
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<float[]>> embed(EmbedRequest request) throws EngineException;

    /**
     * Orders candidates.
     *
     * @return all of them, the best first
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<RankedCandidate>> rank(RankRequest request) throws EngineException;

    /**
     * Classifies images.
     *
     * @return for each image its classes, the likeliest first
     * @throws EngineException when it is refused
     */
    CompletableFuture<List<List<ClassProbability>>> classify(ClassifyRequest request) throws EngineException;
}
