package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Observation;
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
 */
public record ModelInfo(
        String name,
        String version,
        Optional<Bundle> bundle,
        String digest,
        Optional<EngineException> failure,
        int slots) {
    /** Values of one image: width * height * channels. Not to be asked when there is no description. */
    public int values() {
        return values(bundle.orElseThrow());
    }

    /** Whether it decides one value after another. */
    public boolean autoregressive() {
        return bundle.orElseThrow().hasAutoregression();
    }

    /** Steps for one image: its values one by one, or 1 when all are made at once. */
    public int steps() {
        return autoregressive() ? values() : 1;
    }

    /** What its scores are. */
    public Likelihood scored() {
        if (autoregressive()) {
            return Likelihood.EXACT;
        }
        LatentSpace latent = bundle.orElseThrow().getLatent();
        boolean bounded = latent.getKind() == LatentKind.LATENT_KIND_GAUSSIAN
                && latent.getObservation() != Observation.OBSERVATION_UNSPECIFIED;
        return bounded ? Likelihood.LOWER_BOUND : Likelihood.NONE;
    }

    /** What is known of the likelihood of what it draws. */
    public Likelihood drawn() {
        return autoregressive() ? Likelihood.EXACT : Likelihood.NONE;
    }

    static int values(Bundle bundle) {
        ImageGeometry geometry = bundle.getGeometry();
        return geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
    }

    /** Whether it answers requests. */
    public boolean serving() {
        return failure.isEmpty();
    }
}
