package io.scanline.server.transport;

import io.scanline.server.engine.ClassProbability;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.RankedCandidate;
import io.scanline.v1.Classification;
import io.scanline.v1.ClassifyResponse;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.Embedding;
import io.scanline.v1.RankResponse;
import java.util.List;

/** Writes the answers of the EmbeddingService. */
final class EmbeddingMessages {
    private EmbeddingMessages() {}

    static EmbedResponse embedded(List<float[]> vectors, ModelInfo model) {
        EmbedResponse.Builder response = EmbedResponse.newBuilder().setBundleDigest(model.digest());
        vectors.forEach(vector -> response.addEmbeddings(embedding(vector)));
        return response.build();
    }

    static Embedding embedding(float[] vector) {
        Embedding.Builder embedding = Embedding.newBuilder();
        for (float component : vector) {
            embedding.addValues(component);
        }
        return embedding.build();
    }

    static RankResponse ranked(List<RankedCandidate> candidates, ModelInfo model) {
        RankResponse.Builder response = RankResponse.newBuilder().setBundleDigest(model.digest());
        candidates.forEach(candidate -> response.addCandidates(io.scanline.v1.RankedCandidate.newBuilder()
                .setIndex(candidate.index())
                .setCosine((float) candidate.cosine())
                .setProbability((float) candidate.probability())));
        return response.build();
    }

    static ClassifyResponse classified(List<List<ClassProbability>> images, ModelInfo model) {
        ClassifyResponse.Builder response = ClassifyResponse.newBuilder().setBundleDigest(model.digest());
        for (List<ClassProbability> classes : images) {
            Classification.Builder image = response.addClassificationsBuilder();
            classes.forEach(likely -> image.addClasses(io.scanline.v1.ClassProbability.newBuilder()
                    .setIndex(likely.index())
                    .setName(likely.name())
                    .setProbability((float) likely.probability())));
        }
        return response.build();
    }
}
