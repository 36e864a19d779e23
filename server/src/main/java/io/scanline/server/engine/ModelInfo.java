package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
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
    /** Whether it answers requests. */
    public boolean serving() {
        return failure.isEmpty();
    }
}
