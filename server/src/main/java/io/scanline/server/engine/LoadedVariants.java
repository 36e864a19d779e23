package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.List;

/** A verified bundle with its step graph loaded in every variant, each proved on its own golden samples. */
final class LoadedVariants implements AutoCloseable {
    private final List<LoadedModel> variants; // "fp32" first

    private LoadedVariants(List<LoadedModel> variants) {
        this.variants = variants;
    }

    /**
     * Loads all of it. What reads texts is shared by all variants.
     *
     * @param threads threads that compute one step
     * @throws EngineException as {@link LoadedModel#load}
     */
    static LoadedVariants load(VerifiedBundle verified, int threads) throws EngineException {
        List<LoadedModel> variants = new ArrayList<>();
        variants.add(LoadedModel.load(verified, threads));
        boolean complete = false;
        try {
            for (String variant : VariantDescription.ofStep(verified.bundle())) {
                if (!variant.equals(VariantDescription.FP32)) {
                    variants.add(LoadedModel.variant(verified, variant, variants.get(0), threads));
                }
            }
            complete = true;
            return new LoadedVariants(List.copyOf(variants));
        } finally {
            if (!complete) {
                close(variants);
            }
        }
    }

    /** Each of them. */
    List<LoadedModel> all() {
        return variants;
    }

    /** The one that every model has. */
    LoadedModel fp32() {
        return variants.get(0);
    }

    /** Frees them. Their programs must not run any more. */
    @Override
    public void close() {
        close(variants);
    }

    private static void close(List<LoadedModel> variants) {
        for (int i = variants.size() - 1; i >= 0; i--) { // the first owns what they share
            variants.get(i).close();
        }
    }
}
