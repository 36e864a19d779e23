package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.TextTokenizer;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** A verified bundle with the graphs that look at images and texts, proved on its golden samples. */
final class LoadedLookModel implements Releasable {
    private final VerifiedBundle verified;
    private final Map<Stage, BatchGraph> graphs = new EnumMap<>(Stage.class);
    private TextTokenizer tokenizer; // null: takes no texts

    private LoadedLookModel(VerifiedBundle verified) {
        this.verified = verified;
    }

    /**
     * Loads the graphs and the tokenizer, and replays the golden samples.
     *
     * @param compute what computes a run
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_TOKENIZER_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedLookModel load(VerifiedBundle verified, Compute compute) throws EngineException {
        LoadedLookModel model = new LoadedLookModel(verified);
        boolean proved = false;
        try {
            for (Stage stage : LookDescription.stages(verified.bundle())) {
                model.graphs.put(stage, graph(verified, stage, compute));
            }
            if (verified.bundle().hasTextInput()) {
                model.tokenizer = tokenizer(verified);
            }
            new LookGoldenReplay(model, compute).check();
            proved = true;
            return model;
        } finally {
            if (!proved) {
                model.close();
            }
        }
    }

    private static BatchGraph graph(VerifiedBundle verified, Stage stage, Compute compute) throws EngineException {
        Bundle bundle = verified.bundle();
        Graph graph = BundleDescription.graph(bundle, stage.role());
        String file = graph.getFile();
        try {
            return BatchGraph.load(
                    verified.files().get(file),
                    LookDescription.inputs(bundle, stage),
                    LookDescription.outputs(bundle, stage),
                    graph.getConstantsMap(),
                    compute);
        } catch (GraphException refused) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, file + ": " + refused.getMessage(), refused);
        }
    }

    /** @throws EngineException BUNDLE_TOKENIZER_INVALID */
    static TextTokenizer tokenizer(VerifiedBundle verified) throws EngineException {
        String file = verified.bundle().getTextInput().getTokenizer();
        try {
            return TextTokenizer.read(verified.files().get(file), verified.bundle().getTextInput());
        } catch (IOException | RuntimeException broken) {
            throw EngineException.caused(
                    Reason.BUNDLE_TOKENIZER_INVALID, file + " is not a tokenizer.json that can be read", broken);
        }
    }

    VerifiedBundle verified() {
        return verified;
    }

    Bundle bundle() {
        return verified.bundle();
    }

    Optional<TextTokenizer> tokenizer() {
        return Optional.ofNullable(tokenizer);
    }

    /**
     * Takes the memory for batches of so many inputs.
     *
     * @throws EngineException BUNDLE_TOO_LARGE, BUNDLE_GRAPH_INVALID
     */
    LookCodec newCodec(int largest) throws EngineException {
        LookCodec codec = new LookCodec(bundle());
        boolean opened = false;
        try {
            codec.open(graphs, largest);
            opened = true;
            return codec;
        } catch (GraphException refused) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "no memory for a run: " + refused.getMessage(), refused);
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        } finally {
            if (!opened) {
                codec.close();
            }
        }
    }

    /** Frees the graphs. Their codecs must not run any more. */
    @Override
    public void close() {
        graphs.values().forEach(BatchGraph::close);
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
