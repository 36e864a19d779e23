package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.TextTokenizer;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.GraphFile;
import io.scanline.server.runtime.TextStepGraph;
import io.scanline.server.runtime.TextStepProgram;
import java.util.Map;

/** A verified bundle with the graphs that put images into words, proved on its golden samples. */
final class LoadedCaptioner implements Releasable {
    private final VerifiedBundle verified;
    private BatchGraph prefix;
    private TextStepGraph step;
    private TextTokenizer tokenizer;

    private LoadedCaptioner(VerifiedBundle verified) {
        this.verified = verified;
    }

    /**
     * Loads the graphs and the tokenizer, and replays the golden samples.
     *
     * @param compute what computes a run; captions go on by the CPU, whose kernels their attention needs
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_TOKENIZER_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedCaptioner load(VerifiedBundle verified, Compute compute) throws EngineException {
        LoadedCaptioner model = new LoadedCaptioner(verified);
        boolean proved = false;
        try {
            model.prefix = prefix(verified, compute);
            model.step = step(verified, compute.threads());
            model.tokenizer = LoadedLookModel.tokenizer(verified);
            new CaptionGoldenReplay(model, compute).check();
            proved = true;
            return model;
        } finally {
            if (!proved) {
                model.close();
            }
        }
    }

    private static BatchGraph prefix(VerifiedBundle verified, Compute compute) throws EngineException {
        Bundle bundle = verified.bundle();
        Graph graph = BundleDescription.graph(bundle, CaptionDescription.PREFIX_ROLE);
        try {
            return BatchGraph.load(
                    verified.files().get(graph.getFile()),
                    CaptionDescription.inputs(bundle, graph),
                    CaptionDescription.outputs(bundle, graph),
                    Map.of(),
                    compute);
        } catch (GraphException refused) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, graph.getFile() + ": " + refused.getMessage(), refused);
        }
    }

    private static TextStepGraph step(VerifiedBundle verified, int threads) throws EngineException {
        Graph graph = BundleDescription.graph(verified.bundle(), CaptionDescription.STEP_ROLE);
        try {
            return TextStepGraph.load(
                    new GraphFile(graph.getFile(), verified.files().get(graph.getFile()), graph.getTensorsMap()),
                    CaptionDescription.shape(verified.bundle(), graph),
                    threads);
        } catch (GraphException refused) {
            throw EngineException.caused(Reason.BUNDLE_GRAPH_INVALID, refused.getMessage(), refused);
        }
    }

    VerifiedBundle verified() {
        return verified;
    }

    Bundle bundle() {
        return verified.bundle();
    }

    TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** What a caption says so far: nothing. */
    GrowingText newText() {
        return new GrowingText(tokenizer, bundle().getCaptioning().getBegin());
    }

    /** The graph from images to what their sequences begin with, one at a time. */
    BatchProgram newPrefix() throws GraphException {
        return prefix.newProgram(1);
    }

    /** The graph that goes on with texts, with a state of its own for so many. */
    TextStepProgram newStep(int slots) throws GraphException {
        return step.newProgram(slots);
    }

    /** The graph that goes on with texts. */
    TextStepGraph step() {
        return step;
    }

    /**
     * Takes the memory for so many captions at once.
     *
     * @throws EngineException BUNDLE_TOO_LARGE, BUNDLE_GRAPH_INVALID
     */
    CaptionSlots newSlots(int slots) throws EngineException {
        TextStepProgram steps = null;
        try {
            steps = newStep(slots);
            return new CaptionSlots(bundle(), newPrefix(), steps);
        } catch (GraphException | OutOfMemoryError failed) {
            if (steps != null) {
                steps.close();
            }
            throw failed instanceof OutOfMemoryError tooLarge
                    ? LoadedModel.tooLarge(tooLarge)
                    : EngineException.caused(
                            Reason.BUNDLE_GRAPH_INVALID, "no memory for a run: " + failed.getMessage(), failed);
        }
    }

    /** Frees the graphs. Their programs must not run any more. */
    @Override
    public void close() {
        if (prefix != null) {
            prefix.close();
        }
        if (step != null) {
            step.close();
        }
        if (tokenizer != null) {
            tokenizer.close();
        }
    }
}
