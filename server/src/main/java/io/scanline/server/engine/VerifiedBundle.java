package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import java.util.Map;

/**
 * A bundle whose description is sound and whose files are as listed.
 *
 * @param bundle its description
 * @param digest "sha256:" and the hexadecimal digest of bundle.json
 * @param files contents of the listed files by their path in the bundle: the very bytes that were verified
 */
public record VerifiedBundle(Bundle bundle, String digest, Map<String, byte[]> files) {}
