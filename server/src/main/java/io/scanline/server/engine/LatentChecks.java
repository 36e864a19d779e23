package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Observation;
import io.scanline.server.engine.InterpolationRequest.End;
import io.scanline.server.engine.InterpolationRequest.ImageEnd;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import java.util.List;
import java.util.Locale;

/** Checks requests against one model that makes an image at once. Fields are named as in scanline.v1. */
final class LatentChecks {
    private static final String ONLY_DRAWS = "the model has no encoder: it makes images of latents, not latents of images";

    private final RequestChecks checks;
    private final LatentKind kind;
    private final Observation observation;
    private final boolean encodes;
    private final int size;
    private final int codes;
    private final int highest;
    private final int maxSamples;
    private final int maxFrames;

    LatentChecks(Bundle bundle, EngineConfig config) {
        this.checks = new RequestChecks(bundle, config);
        this.kind = bundle.getLatent().getKind();
        this.observation = bundle.getLatent().getObservation();
        this.encodes = LatentDescription.encodes(bundle);
        this.size = LatentDescription.size(bundle);
        this.codes = bundle.getLatent().getCodes();
        this.highest = bundle.getGeometry().getLevels() - 1;
        this.maxSamples = config.maxImportanceSamples();
        this.maxFrames = config.maxFrames();
    }

    CheckedRequest check(GenerationRequest request) throws EngineException {
        if (kind != LatentKind.LATENT_KIND_GAUSSIAN) {
            throw EngineException.of(
                    Reason.GENERATION_NOT_SUPPORTED,
                    "the model only encodes and decodes: it has no distribution to draw latents from");
        }
        if (request.prefix().length > 0) {
            throw unsupported("prefix", "the model makes all values at once; leave prefix out");
        }
        if (request.given().isPresent()) {
            throw unsupported("given", "the model makes all values at once and can keep none; leave given out");
        }
        if (request.bestOf().isPresent()) {
            throw unsupported("best_of", "the model cannot tell how likely an image is; leave best_of out");
        }
        if (request.sampling().topK() != 0) {
            throw unsupported("sampling.top_k", "the model draws no levels; leave sampling.top_k out");
        }
        if (request.sampling().topP() != 1) {
            throw unsupported("sampling.top_p", "the model draws no levels; leave sampling.top_p out");
        }
        if (request.precedence().priority() != Priority.NORMAL) {
            throw unsupported("priority", "requests to this model take turns image by image; leave priority out");
        }
        return checks.check(request);
    }

    /** Checks a request for bounds and returns its class index. */
    int check(ScoreRequest request) throws EngineException {
        if (kind != LatentKind.LATENT_KIND_GAUSSIAN || observation == Observation.OBSERVATION_UNSPECIFIED) {
            throw EngineException.of(
                    Reason.SCORE_NOT_SUPPORTED, "the model defines neither a likelihood nor a bound on it");
        }
        int label = checks.label(request.label());
        checks.prompt(request);
        checks.precision(request.precision());
        checks.images(request.images());
        if (observation == Observation.OBSERVATION_BERNOULLI) {
            for (int i = 0; i < request.images().size(); i++) {
                checkExtremes("images[" + i + "]", request.images().get(i));
            }
        }
        if (request.perValue()) {
            throw unsupported("per_value", "the model has a bound for whole images only; leave per_value out");
        }
        int samples = request.importanceSamples().orElse(1);
        if (samples < 1 || samples > maxSamples) {
            throw EngineException.field(
                    Reason.IMPORTANCE_SAMPLES_OUT_OF_RANGE,
                    "importance_samples",
                    "importance_samples is " + Integer.toUnsignedString(samples) + "; it must be 1 to " + maxSamples);
        }
        RequestChecks.deadline(request.deadlineNanos());
        return label;
    }

    /** Checks a request to encode and returns its class index. */
    int check(EncodeRequest request) throws EngineException {
        if (!encodes) {
            throw EngineException.of(Reason.ENCODE_NOT_SUPPORTED, ONLY_DRAWS);
        }
        int label = checks.label(request.label());
        checks.images(request.images());
        RequestChecks.deadline(request.deadlineNanos());
        return label;
    }

    /** Checks a request to decode and returns its class index. */
    int check(DecodeRequest request) throws EngineException {
        int label = checks.label(request.label());
        List<Latent> latents = request.latents();
        checks.count("latents", latents.size());
        for (int i = 0; i < latents.size(); i++) {
            checkLatent("latents[" + i + "]", latents.get(i));
        }
        RequestChecks.deadline(request.deadlineNanos());
        return label;
    }

    /** Checks a request to interpolate and returns its class index. */
    int check(InterpolationRequest request) throws EngineException {
        if (kind == LatentKind.LATENT_KIND_TOKENS) {
            throw EngineException.of(
                    Reason.INTERPOLATION_NOT_SUPPORTED, "the model's latents are codes: there is nothing between two");
        }
        int label = checks.label(request.label());
        checkEnd("from", request.from());
        checkEnd("to", request.to());
        if (request.frames() < 2 || request.frames() > maxFrames) {
            throw EngineException.field(
                    Reason.FRAMES_OUT_OF_RANGE,
                    "frames",
                    "frames is " + Integer.toUnsignedString(request.frames()) + "; it must be 2 to " + maxFrames);
        }
        RequestChecks.deadline(request.deadlineNanos());
        return label;
    }

    private void checkEnd(String field, End end) throws EngineException {
        if (end instanceof ImageEnd given) {
            if (!encodes) {
                throw EngineException.field(
                        Reason.ENCODE_NOT_SUPPORTED, field + ".image", ONLY_DRAWS + "; give " + field + ".latent");
            }
            checks.image(field + ".image", given.image());
        } else if (end instanceof LatentEnd given) {
            checkLatent(field + ".latent", given.latent());
        }
    }

    private void checkLatent(String field, Latent latent) throws EngineException {
        if (kind == LatentKind.LATENT_KIND_TOKENS && latent instanceof Latent.Tokens tokens) {
            checkCodes(field + ".tokens.codes", tokens.codes());
        } else if (kind == LatentKind.LATENT_KIND_GAUSSIAN && latent instanceof Latent.Gaussian gaussian) {
            checkComponents(field + ".gaussian.mean", gaussian.mean());
        } else if (kind == LatentKind.LATENT_KIND_VECTOR && latent instanceof Latent.Vector vector) {
            checkComponents(field + ".vector.values", vector.values());
        } else {
            String wanted = kind.name().substring("LATENT_KIND_".length()).toLowerCase(Locale.ROOT);
            throw EngineException.field(
                    Reason.LATENT_KIND_MISMATCH,
                    field,
                    field + " is of another kind; the model's is \"" + wanted + "\"");
        }
    }

    private void checkComponents(String field, float[] values) throws EngineException {
        checkSize(field, values.length);
        for (int d = 0; d < values.length; d++) {
            if (!Float.isFinite(values[d])) {
                throw EngineException.field(
                        Reason.LATENT_NOT_FINITE, field, "component " + d + " of " + field + " is " + values[d]);
            }
        }
    }

    private void checkCodes(String field, int[] values) throws EngineException {
        checkSize(field, values.length);
        for (int i = 0; i < values.length; i++) {
            if (values[i] < 0 || values[i] >= codes) {
                throw EngineException.field(
                        Reason.CODE_OUT_OF_RANGE,
                        field,
                        "code " + i + " of " + field + " is " + Integer.toUnsignedString(values[i])
                                + "; the highest is " + (codes - 1));
            }
        }
    }

    private void checkSize(String field, int found) throws EngineException {
        if (found != size) {
            throw EngineException.field(
                    Reason.LATENT_SIZE_MISMATCH,
                    field,
                    field + " has " + found + " components; a latent of the model has " + size);
        }
    }

    private void checkExtremes(String field, byte[] image) throws EngineException {
        for (int i = 0; i < image.length; i++) {
            int level = image[i] & 0xFF;
            if (level != 0 && level != highest) {
                throw EngineException.field(
                        Reason.VALUE_OUT_OF_RANGE,
                        field,
                        "value " + i + " of " + field + " is " + level + "; the model knows 0 and " + highest
                                + " only");
            }
        }
    }

    private static EngineException unsupported(String field, String message) {
        return EngineException.field(Reason.FIELD_NOT_SUPPORTED, field, message);
    }
}
