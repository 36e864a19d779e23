package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.server.runtime.ChunkShape;
import io.scanline.server.runtime.GraphFile;
import io.scanline.server.runtime.StepSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** The graphs that decode, with their sizes, in "fp32". */
    public StepSource stepSource() {
        return stepSource(VariantDescription.FP32);
    }

    /** Variants of the graph that decides a value in a run, "fp32" first. */
    public List<String> stepVariants() {
        return VariantDescription.ofStep(bundle);
    }

    /** The graphs that decode, with their sizes, the first of them in one of its variants. */
    public StepSource stepSource(String variant) {
        Graph step = VariantDescription.step(bundle, variant);
        Optional<Graph> row = BundleDescription.findGraph(bundle, BundleDescription.ROW_ROLE);
        Optional<Graph> window = BundleDescription.findGraph(bundle, BundleDescription.WINDOW_ROLE);
        return new StepSource(
                file(step),
                row.map(this::file).orElse(null),
                window.map(this::file).orElse(null),
                StepSizes.of(bundle, step, row));
    }

    /** The graph that decides several values of an image in a run. */
    GraphFile chunkFile() {
        return file(VariantDescription.chunk(bundle));
    }

    /** Its sizes. */
    ChunkShape chunkShape() {
        return StepSizes.ofChunk(bundle, VariantDescription.chunk(bundle));
    }

    private GraphFile file(Graph graph) {
        return new GraphFile(graph.getFile(), files.get(graph.getFile()), graph.getTensorsMap());
    }
}
