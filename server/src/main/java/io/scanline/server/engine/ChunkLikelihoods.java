package io.scanline.server.engine;

import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;

/**
 * For graphs that decide several values of an image in a run: all of them are given, and the graph says how likely
 * each is.
 */
final class ChunkLikelihoods implements Likelihoods {
    private final LoadedChunks model;
    private final ChunkFeed feed;
    private final ChunkProgram program;

    /** @param slots images at once */
    ChunkLikelihoods(LoadedChunks model, int slots) throws GraphException {
        this.model = model;
        this.feed = new ChunkFeed(model.grid());
        this.program = model.newProgram(slots);
    }

    @Override
    public int atOnce() {
        return program.slots();
    }

    @Override
    public List<ImageScore> score(List<byte[]> images, int label, float[] condition, Interruption between)
            throws GraphException, EngineException {
        List<ScoreTally> tallies = new ArrayList<>();
        feed.neutral(program, images.size(), 1);
        ChunkFeed.label(program, images.size(), label);
        for (int slot = 0; slot < images.size(); slot++) {
            program.condition().put(slot * condition.length, condition);
            tallies.add(new ScoreTally(images.get(slot)));
        }
        int steps = model.grid().values();
        for (int from = 0; from < steps; from += program.span()) {
            between.check();
            for (int slot = 0; slot < images.size(); slot++) {
                feed.show(program, slot, images.get(slot), from, ChunkFeed.ALL_GIVEN);
            }
            program.run(images.size());
            for (int slot = 0; slot < images.size(); slot++) {
                for (int i = 0; i < program.span() && from + i < steps; i++) {
                    int at = slot * program.span() + i;
                    tallies.get(slot).add(ChunkDecoder.logProbability(program, at));
                }
            }
        }
        return tallies.stream().map(ScoreTally::score).toList();
    }

    @Override
    public void close() {
        program.close();
    }
}
