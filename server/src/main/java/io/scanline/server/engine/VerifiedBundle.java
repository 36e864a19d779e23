package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.server.runtime.StepShape;
import java.util.Map;

/**
 * A bundle whose description is sound and whose files are as listed.
 *
 * @param bundle its description
 * @param digest "sha256:" and the hexadecimal digest of bundle.json
 * @param files contents of the listed files by their path in the bundle: the very bytes that were verified
 */
public record VerifiedBundle(Bundle bundle, String digest, Map<String, byte[]> files) {
    /** The graph that decodes. */
    public Graph stepGraph() {
        return BundleDescription.stepGraph(bundle);
    }

    /** The ONNX file of the graph that decodes. */
    public byte[] stepOnnx() {
        return files.get(stepGraph().getFile());
    }

    /** Sizes of the graph that decodes. */
    public StepShape stepShape() {
        KeyValueCache cache = stepGraph().getState().getKeyValueCache();
        return new StepShape(
                bundle.getAutoregression().getContextCount(),
                bundle.getGeometry().getLevels(),
                bundle.hasConditioning(),
                cache.getLayers(),
                cache.getHeads(),
                cache.getHeadSize(),
                cache.getPositions());
    }
}
