package io.scanline.server.engine;

import io.scanline.bundle.v1.Graph;
import io.scanline.contract.CounterRandom;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;

/**
 * The image encoder of a model without lanes, admission and cache: what a loop around ONNX Runtime gets of the same
 * graph with the same options. To be used by one thread at a time.
 */
public final class BareEncoder implements AutoCloseable {
    private final BatchGraph graph;
    private final BatchProgram program;

    /**
     * Loads it, its inputs filled with random intensities.
     *
     * @param threads threads that compute one run
     * @param largest items of the largest batch
     * @throws GraphException when the graph cannot be used
     */
    public BareEncoder(VerifiedBundle verified, int threads, int largest) throws GraphException {
        Graph described = BundleDescription.graph(verified.bundle(), Stage.EMBED_IMAGE.role());
        graph = BatchGraph.load(
                verified.files().get(described.getFile()),
                LookDescription.inputs(verified.bundle(), Stage.EMBED_IMAGE),
                LookDescription.outputs(verified.bundle(), Stage.EMBED_IMAGE),
                described.getConstantsMap(),
                Compute.cpu(threads));
        program = graph.newProgram(largest);
        float[] images = program.floatInput("image");
        for (int i = 0; i < images.length; i++) {
            images[i] = (float) CounterRandom.uniform(0, 0, i, 0);
        }
    }

    /** Items of the largest batch that the graph takes. */
    public int largest() {
        return program.largest();
    }

    /** Embeds a batch. */
    public void run(int batch) throws GraphException {
        program.run(batch);
    }

    @Override
    public void close() {
        program.close();
        graph.close();
    }
}
