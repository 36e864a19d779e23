package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.Observation;
import java.util.List;
import java.util.Optional;

/**
 * One model version of the repository.
 *
 * @param name name of its directory
 * @param version name of its version directory
 * @param bundle its description; empty when it could not be read
 * @param digest "sha256:" and the hexadecimal digest of bundle.json; empty when it could not be read
 * @param failure why it does not serve; empty when it serves
 * @param slots images that it makes at once; 0 when it does not serve
 * @param precisions arithmetic that its steps can be computed with, that of requests that say none first; empty when it
 *     takes no steps
 */
public record ModelInfo(
        String name,
        String version,
        Optional<Bundle> bundle,
        String digest,
        Optional<EngineException> failure,
        int slots,
        List<String> precisions) {
    /** Whose steps are computed with "fp32" where a request says nothing. */
    public ModelInfo(
            String name, String version, Optional<Bundle> bundle, String digest, Optional<EngineException> failure,
            int slots) {
        this(name, version, bundle, digest, failure, slots,
                bundle.map(VariantDescription::decoding).orElse(List.of()));
    }

    /** A model that serves. */
    static ModelInfo serving(Bundle bundle, String digest, int slots) {
        return new ModelInfo(
                bundle.getName(), bundle.getVersion(), Optional.of(bundle), digest, Optional.empty(), slots);
    }

    /** The same with these precisions. */
    ModelInfo preferring(List<String> order) {
        return new ModelInfo(name, version, bundle, digest, failure, slots, order);
    }

    /** Values of one image: width * height * channels. Not to be asked when there is no description. */
    public int values() {
        return ValueGrid.image(bundle.orElseThrow()).values();
    }

    /** Whether it decides one value after another. */
    public boolean autoregressive() {
        return bundle.orElseThrow().hasAutoregression();
    }

    /** The codes that it draws and makes an image of; empty when it draws the values of the image. */
    public Optional<ValueGrid> codes() {
        return bundle.filter(LatentDescription::prior).map(ValueGrid::drawn);
    }

    /** What it draws: its codes, or the values of the image. */
    public ValueGrid drawnGrid() {
        return ValueGrid.drawn(bundle.orElseThrow());
    }

    /** Whether it looks at images and makes none. */
    public boolean looks() {
        return LookDescription.looks(bundle.orElseThrow());
    }

    /** Whether it puts images into words and makes none. */
    public boolean captions() {
        return CaptionDescription.captions(bundle.orElseThrow());
    }

    /** Most tokens of a caption; 0: it writes none. */
    public int captionTokens() {
        return captions() ? CaptionDescription.tokens(bundle.orElseThrow()) : 0;
    }

    /** Whether it is made of other models, whose graphs do its work. */
    public boolean pipeline() {
        return bundle.orElseThrow().hasPipeline();
    }

    /** Steps for one image: its values or its codes one by one, 1 when all are made at once, 0 when it makes none. */
    public int steps() {
        if (looks() || captions()) {
            return 0;
        }
        return autoregressive() ? drawnGrid().values() : 1;
    }

    /**
     * How it reads texts to draw.
     *
     * @param context ids of the longest text, special ones included
     * @param width components of what the steps of an image are shown of a text
     * @param recommendedGuidance guidance of requests that say none
     */
    public record Prompt(int context, int width, float recommendedGuidance) {}

    /** How it reads texts to draw; empty: it does not. */
    public Optional<Prompt> prompt() {
        return bundle.filter(PromptDescription::reads)
                .map(described -> new Prompt(
                        described.getTextInput().getContext(), described.getConditioning().getText().getWidth(),
                        PromptDescription.recommendedGuidance(described)));
    }

    /** What its scores are. */
    public Likelihood scored() {
        if (autoregressive()) {
            return drawn();
        }
        LatentSpace latent = bundle.orElseThrow().getLatent();
        boolean bounded = latent.getKind() == LatentKind.LATENT_KIND_GAUSSIAN
                && latent.getObservation() != Observation.OBSERVATION_UNSPECIFIED;
        return bounded ? Likelihood.LOWER_BOUND : Likelihood.NONE;
    }

    /** What is known of the likelihood of what it draws. */
    public Likelihood drawn() {
        if (!autoregressive()) {
            return Likelihood.NONE;
        }
        return codes().isPresent() ? Likelihood.CODES : Likelihood.EXACT;
    }

    /** Whether a model with a latent space turns images into latents. */
    public static boolean encodes(Bundle bundle) {
        return LatentDescription.encodes(bundle);
    }

    /** Arithmetic that a figure was measured with. */
    public static String precision(Metric metric) {
        return VariantDescription.of(metric);
    }

    /** Whether it answers requests. */
    public boolean serving() {
        return failure.isEmpty();
    }
}
