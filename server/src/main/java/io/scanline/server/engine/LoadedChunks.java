package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.runtime.ChunkGraph;
import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.util.Optional;

/** A verified bundle with the graph that decides several values of an image in a run, proved on its golden samples. */
final class LoadedChunks implements AutoCloseable {
    private final Bundle bundle;
    private final ValueGrid grid;
    private final ChunkGraph graph;
    private final int span;
    private final LoadedPrompts prompts; // null: it reads no texts; of the steps

    private LoadedChunks(Bundle bundle, ChunkGraph graph, int span, LoadedPrompts prompts) {
        this.bundle = bundle;
        this.grid = ValueGrid.drawn(bundle);
        this.graph = graph;
        this.span = span;
        this.prompts = prompts;
    }

    /**
     * Loads the graph and replays the golden samples of its variant.
     *
     * @param steps what reads texts is theirs, and they are closed after this
     * @param compute what it is computed with
     * @param span values of an image that a run decides, N
     * @throws EngineException BUNDLE_GRAPH_INVALID, BUNDLE_GOLDEN_MISMATCH, BUNDLE_TOO_LARGE
     */
    static LoadedChunks load(VerifiedBundle verified, LoadedModel steps, Compute compute, int span)
            throws EngineException {
        ChunkGraph graph;
        try {
            graph = ChunkGraph.load(verified.chunkFile(), verified.chunkShape(), compute);
        } catch (GraphException refused) {
            throw EngineException.caused(Reason.BUNDLE_GRAPH_INVALID, refused.getMessage(), refused);
        }
        boolean proved = false;
        try {
            LoadedChunks model = new LoadedChunks(verified.bundle(), graph, span, steps.prompts().orElse(null));
            new ChunkGoldenReplay(model, compute).check(verified);
            proved = true;
            return model;
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        } finally {
            if (!proved) {
                graph.close();
            }
        }
    }

    /** Its description. */
    Bundle bundle() {
        return bundle;
    }

    /** The variant of its graph. */
    String variant() {
        return VariantDescription.FP16;
    }

    /** What its runs decide. */
    ValueGrid grid() {
        return grid;
    }

    /** What reads the texts that it draws; empty: it reads none. */
    Optional<LoadedPrompts> prompts() {
        return Optional.ofNullable(prompts);
    }

    /** A program with memory of its own. */
    ChunkProgram newProgram(int slots) throws GraphException {
        return graph.newProgram(slots, span);
    }

    /** A program that golden samples are made with. */
    ChunkProgram newGolden() throws GraphException {
        return graph.newSingle(EngineConfig.DEFAULT_CHUNK);
    }

    /** Frees the graph. Its programs must not run any more. */
    @Override
    public void close() {
        graph.close();
    }
}
