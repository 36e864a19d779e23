package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
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

    /** Steps for one image: its values one by one, or 1 when all are made at once. */
    public int steps() {
        return bundle.orElseThrow().hasAutoregression() ? values() : 1;
    }

    /** What its scores are. */
    public Likelihood scored() {
        Bundle described = bundle.orElseThrow();
        if (described.hasAutoregression()) {
            return Likelihood.EXACT;
        }
        boolean bounded = described.getLatent().getKind() == LatentKind.LATENT_KIND_GAUSSIAN
                && described.getLatent().getObservation() != Observation.OBSERVATION_UNSPECIFIED;
        return bounded ? Likelihood.LOWER_BOUND : Likelihood.NONE;
    }

    /** What is known of the likelihood of what it draws. */
    public Likelihood drawn() {
        return bundle.orElseThrow().hasAutoregression() ? Likelihood.EXACT : Likelihood.NONE;
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
