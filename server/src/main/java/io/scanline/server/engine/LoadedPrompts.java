package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.Device;
import io.scanline.server.runtime.GraphException;
import java.util.Map;

/** How a model that draws what a text says reads it: its tokenizer, and the graph that makes the vector of a text. */
final class LoadedPrompts implements AutoCloseable {
    /** A text of a few words takes no longer with more, and the steps of images want the other cores. */
    private static final int THREADS = 1;

    private final Bundle bundle;
    private final PromptReader reader;
    private final BatchGraph graph;
    private float[] empty;

    private LoadedPrompts(Bundle bundle, PromptReader reader, BatchGraph graph) {
        this.bundle = bundle;
        this.reader = reader;
        this.graph = graph;
    }

    /**
     * Loads both and computes the vector of the empty text.
     *
     * @param device what computes the vectors
     * @throws EngineException BUNDLE_TOKENIZER_INVALID, BUNDLE_GRAPH_INVALID
     */
    static LoadedPrompts load(VerifiedBundle verified, Device device) throws EngineException {
        Bundle bundle = verified.bundle();
        Graph described = BundleDescription.graph(bundle, PromptDescription.TEXT_CONDITION);
        PromptReader reader = PromptReader.of(verified);
        BatchGraph graph = null;
        try {
            graph = BatchGraph.load(
                    verified.files().get(described.getFile()),
                    PromptDescription.inputs(bundle, described),
                    PromptDescription.outputs(bundle, described),
                    Map.of(),
                    new Compute(THREADS, device));
            LoadedPrompts prompts = new LoadedPrompts(bundle, reader, graph);
            try (TextConditioner conditioner = prompts.newConditioner()) {
                prompts.empty = conditioner.condition(reader.ids(""));
            }
            return prompts;
        } catch (GraphException | IllegalArgumentException refused) { // or ids of the empty text beyond the context
            reader.close();
            if (graph != null) {
                graph.close();
            }
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, described.getFile() + ": " + refused.getMessage(), refused);
        }
    }

    PromptReader reader() {
        return reader;
    }

    /** Vector of the empty text, which stands for anything: float[D], not to be changed. */
    float[] empty() {
        return empty;
    }

    TextConditioner newConditioner() throws GraphException {
        return new TextConditioner(bundle, graph);
    }

    /** Frees them. Their conditioners must not run any more. */
    @Override
    public void close() {
        graph.close();
        reader.close();
    }
}
