package io.scanline.server.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One model that serves, whatever its kind. What its kind cannot do it refuses. */
interface Serving extends LatentEngine, EmbeddingEngine, CaptionEngine, Releasable {
    ModelInfo info();

    Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException;

    CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException;

    /** Counts a refusal and hands it back. */
    EngineException counted(EngineException refusal);

    /** What answers a request, or refuses it. */
    interface Answer<T> {
        T give() throws EngineException;
    }

    /** Answers a request, and counts the refusal of one that is refused. */
    default <T> T counted(Answer<T> answer) throws EngineException {
        try {
            return answer.give();
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    default CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        throw noLatents();
    }

    @Override
    default CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        throw noLatents();
    }

    @Override
    default Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException {
        throw noLatents();
    }

    @Override
    default CompletableFuture<List<float[]>> embed(EmbedRequest request) throws EngineException {
        throw noEmbeddings();
    }

    @Override
    default CompletableFuture<List<RankedCandidate>> rank(RankRequest request) throws EngineException {
        throw noEmbeddings();
    }

    @Override
    default CompletableFuture<List<List<ClassProbability>>> classify(ClassifyRequest request) throws EngineException {
        throw counted(EngineException.of(Reason.CLASSIFY_NOT_SUPPORTED, "the model tells no classes apart"));
    }

    @Override
    default Caption caption(CaptionRequest request, ProgressListener listener) throws EngineException {
        throw counted(EngineException.of(Reason.CAPTION_NOT_SUPPORTED, "the model puts no images into words"));
    }

    private EngineException noEmbeddings() {
        return counted(EngineException.of(Reason.EMBEDDING_NOT_SUPPORTED, "the model embeds nothing"));
    }

    private EngineException noLatents() {
        return counted(EngineException.of(Reason.LATENT_NOT_SUPPORTED, "the model has no latent space"));
    }

    /** Gives up all work (SHUTTING_DOWN) and frees all memory. */
    @Override
    void close();
}
