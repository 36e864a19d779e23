package io.scanline.server.engine;

import io.scanline.server.runtime.Compute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A verified bundle with the graph that decodes loaded in some variants, each proved on its own golden samples. */
final class LoadedVariants implements AutoCloseable {
    private final List<LoadedModel> variants; // "fp32" first
    private final LoadedChunks chunks; // null: none

    private LoadedVariants(List<LoadedModel> variants, LoadedChunks chunks) {
        this.variants = variants;
        this.chunks = chunks;
    }

    /** Loads all that it has, on the CPU, with so many threads and chunks of the usual length. */
    static LoadedVariants load(VerifiedBundle verified, int threads) throws EngineException {
        return load(
                verified, VariantDescription.decoding(verified.bundle()), Compute.cpu(threads),
                EngineConfig.DEFAULT_CHUNK);
    }

    /**
     * Loads what decodes. What reads texts is shared by all variants.
     *
     * @param precisions of those that it has; "fp32" is loaded in any case
     * @param compute what computes a step
     * @param chunk values of every image that a run decides where it decides several
     * @throws EngineException as {@link LoadedModel#load}
     */
    static LoadedVariants load(VerifiedBundle verified, List<String> precisions, Compute compute, int chunk)
            throws EngineException {
        List<LoadedModel> variants = new ArrayList<>();
        variants.add(LoadedModel.load(verified, compute));
        LoadedModel first = variants.get(0);
        boolean complete = false;
        try {
            if (precisions.contains(VariantDescription.INT8)) {
                variants.add(LoadedModel.variant(verified, VariantDescription.INT8, first, compute));
            }
            LoadedChunks chunks = precisions.contains(VariantDescription.FP16)
                    ? LoadedChunks.load(verified, first, compute, chunk)
                    : null;
            complete = true;
            return new LoadedVariants(List.copyOf(variants), chunks);
        } finally {
            if (!complete) {
                close(variants);
            }
        }
    }

    /** Those that decide a value in a run. */
    List<LoadedModel> all() {
        return variants;
    }

    /** The one that decides several values in a run; empty: there is none. */
    Optional<LoadedChunks> chunks() {
        return Optional.ofNullable(chunks);
    }

    /** The one that every model has. */
    LoadedModel fp32() {
        return variants.get(0);
    }

    /** Frees them. Their programs must not run any more. */
    @Override
    public void close() {
        if (chunks != null) {
            chunks.close();
        }
        close(variants);
    }

    private static void close(List<LoadedModel> variants) {
        for (int i = variants.size() - 1; i >= 0; i--) { // the first owns what they share
            variants.get(i).close();
        }
    }
}
