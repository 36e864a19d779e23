package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepGraph;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepState;

import java.util.Optional;

/** A verified bundle with its step graph loaded in one variant, proved on the golden samples of that one. */
public final class LoadedModel implements AutoCloseable {
    private final Bundle bundle;
    private final String digest;
    private final String variant;
    private final ValueGrid grid;
    private final StepFeed feed;
    private final StepGraph graph;
    private final DraftTable draft; // null: none
    private final LoadedPrompts prompts; // null: it reads no texts
    private final boolean ownsPrompts;

    private LoadedModel(
            VerifiedBundle verified, String variant, StepGraph graph, DraftTable draft, LoadedPrompts prompts,
            boolean ownsPrompts) {
        this.bundle = verified.bundle();
        this.digest = verified.digest();
        this.variant = variant;
        this.grid = ValueGrid.drawn(bundle);
        this.feed = new StepFeed(bundle);
        this.graph = graph;
        this.draft = draft;
        this.prompts = prompts;
        this.ownsPrompts = ownsPrompts;
    }

    /** The same on the CPU, with so many threads. */
    public static LoadedModel load(VerifiedBundle verified, int threads) throws EngineException {
        return load(verified, Compute.cpu(threads));
    }

    /**
     * Loads the step graph of variant "fp32", and what reads texts if there are any, and replays the golden samples of
     * that variant.
     *
     * @param verified the bundle
     * @param compute what computes a step
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_TOKENIZER_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedModel load(VerifiedBundle verified, Compute compute) throws EngineException {
        DraftTable draft = verified.bundle().hasDraft() ? DraftTable.read(verified) : null;
        return load(verified, VariantDescription.FP32, draft, null, compute);
    }

    /**
     * Loads the step graph of another variant and replays its golden samples.
     *
     * @param first what reads texts is its, and it is closed after this one
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedModel variant(VerifiedBundle verified, String variant, LoadedModel first, Compute compute)
            throws EngineException {
        DraftTable draft = first.draft == null ? null : first.draft.another();
        return load(verified, variant, draft, first, compute);
    }

    private static LoadedModel load(
            VerifiedBundle verified, String variant, DraftTable draft, LoadedModel first, Compute compute)
            throws EngineException {
        StepGraph graph;
        try {
            graph = StepGraph.load(verified.stepSource(variant), compute);
        } catch (GraphException refused) {
            throw EngineException.caused(Reason.BUNDLE_GRAPH_INVALID, refused.getMessage(), refused);
        }
        boolean proved = false;
        LoadedModel model = null;
        try {
            boolean reads = PromptDescription.reads(verified.bundle());
            LoadedPrompts prompts = first != null ? first.prompts
                    : reads ? LoadedPrompts.load(verified, compute.device()) : null;
            model = new LoadedModel(verified, variant, graph, draft, prompts, first == null);
            new GoldenReplay(model, compute).check(verified);
            proved = true;
            return model;
        } catch (OutOfMemoryError tooLarge) {
            throw tooLarge(tooLarge);
        } finally {
            if (!proved) {
                if (model == null) {
                    graph.close();
                } else {
                    model.close();
                }
            }
        }
    }

    static EngineException tooLarge(OutOfMemoryError cause) {
        return EngineException.caused(
                Reason.BUNDLE_TOO_LARGE, "there is not enough memory for the state of its images", cause);
    }

    /** Its description. */
    public Bundle bundle() {
        return bundle;
    }

    /** Digest of its bundle. */
    public String digest() {
        return digest;
    }

    /** The variant of its step graph. */
    public String variant() {
        return variant;
    }

    /** What shows a step what it must see of an image. */
    public StepFeed feed() {
        return feed;
    }

    /** Its step graph. */
    public StepGraph graph() {
        return graph;
    }

    /** What reads the texts that it draws; empty: it reads none. */
    Optional<LoadedPrompts> prompts() {
        return Optional.ofNullable(prompts);
    }

    /** Whether its values can be guessed and several of them checked in one run. */
    boolean guesses(GuessMode mode) throws GraphException {
        boolean can = prompts == null && draft != null && graph.takesWindows() && longestWindow() > 1;
        return can && (mode == GuessMode.CLOSE
                || mode == GuessMode.AUTO && (graph.windowsAreExact() || WindowTrial.exact(this)));
    }

    /** What guesses its values; null for none. Of one thread. */
    DraftTable draft() {
        return draft;
    }

    /** Whether a graph is run once for every row. */
    boolean hasRowGraph() {
        return graph.shape().row() != null;
    }

    /** Positions that one run may compute of a slot, at most. */
    int longestWindow() {
        return hasRowGraph() ? grid.rowLength() : grid.values();
    }

    /** What its steps decide. */
    ValueGrid grid() {
        return grid;
    }

    /** Values of one image. */
    public int steps() {
        return grid.values();
    }

    /** Levels of one value. */
    public int levels() {
        return grid.levels();
    }

    /** A program with a state of its own: one position of every slot in a run. */
    OwnedProgram newDecoder(int slots) throws GraphException {
        StepState state = graph.newState(slots);
        boolean complete = false;
        try {
            OwnedProgram owned = new OwnedProgram(state, graph.newProgram(state, 1));
            complete = true;
            return owned;
        } finally {
            if (!complete) {
                state.close();
            }
        }
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        graph.close();
        if (prompts != null && ownsPrompts) {
            prompts.close();
        }
    }

    /** A program together with the state that only it uses. */
    record OwnedProgram(StepState state, StepProgram program) implements AutoCloseable {
        @Override
        public void close() {
            program.close();
            state.close();
        }
    }
}
