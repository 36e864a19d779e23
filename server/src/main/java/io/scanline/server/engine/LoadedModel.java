package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepGraph;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.StepState;

import java.util.Optional;

/** A verified bundle with its step graph loaded, proved on its golden samples. */
public final class LoadedModel implements AutoCloseable {
    private final Bundle bundle;
    private final String digest;
    private final ValueGrid grid;
    private final StepFeed feed;
    private final StepGraph graph;
    private final DraftTable draft; // null: none
    private final LoadedPrompts prompts; // null: it reads no texts

    private LoadedModel(
            Bundle bundle, String digest, StepGraph graph, DraftTable draft, LoadedPrompts prompts) {
        this.bundle = bundle;
        this.digest = digest;
        this.grid = ValueGrid.drawn(bundle);
        this.feed = new StepFeed(bundle);
        this.graph = graph;
        this.draft = draft;
        this.prompts = prompts;
    }

    /**
     * Loads the step graph, and what reads texts if there are any, and replays the golden samples.
     *
     * @param verified the bundle
     * @param threads threads that compute one step
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_TOKENIZER_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    public static LoadedModel load(VerifiedBundle verified, int threads) throws EngineException {
        Bundle bundle = verified.bundle();
        DraftTable draft = bundle.hasDraft() ? DraftTable.read(verified) : null;
        StepGraph graph;
        try {
            graph = StepGraph.load(verified.stepSource(), threads);
        } catch (GraphException refused) {
            throw EngineException.caused(Reason.BUNDLE_GRAPH_INVALID, refused.getMessage(), refused);
        }
        boolean proved = false;
        LoadedModel model = null;
        try {
            LoadedPrompts prompts = PromptDescription.reads(bundle) ? LoadedPrompts.load(verified) : null;
            model = new LoadedModel(bundle, verified.digest(), graph, draft, prompts);
            new GoldenReplay(model).check(verified);
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
    boolean guesses(GuessMode mode) {
        boolean allowed = prompts == null && mode == GuessMode.CLOSE || mode == GuessMode.AUTO && graph.windowsAreExact();
        return allowed && draft != null && graph.takesWindows() && longestWindow() > 1;
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
        if (prompts != null) {
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
