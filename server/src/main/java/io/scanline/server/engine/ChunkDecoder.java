package io.scanline.server.engine;

import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;

/**
 * Several values of every image in a run, drawn by the graph itself with the uniform numbers that would decide them
 * one by one. Every image begins at position 0 and runs on by whole chunks, so that the places where it is cut depend
 * on nothing but the length of a chunk.
 */
final class ChunkDecoder implements SlotDecoder {
    private final ChunkProgram program;
    private final ChunkFeed feed;
    private final int levels;

    ChunkDecoder(ChunkProgram program, ChunkFeed feed, int levels) {
        this.program = program;
        this.feed = feed;
        this.levels = levels;
    }

    @Override
    public SlotProgram program() {
        return program;
    }

    @Override
    public int span() {
        return program.span();
    }

    @Override
    public void stride(SlotBatch batch, Ran ran) throws GraphException {
        long begun = System.nanoTime();
        for (int slot = 0; slot < batch.running(); slot++) {
            ImageTask image = batch.image(slot);
            CheckedRequest request = image.generation().request();
            feed.show(program, slot, image.valuesInPlace(), image.position(), new ChunkFeed.Values() {
                @Override
                public boolean given(int position) {
                    return image.givenAt(position);
                }

                @Override
                public double uniform(int position) {
                    return batch.uniform(image, position);
                }
            });
            feed.sample(program, slot, request.sampling());
            feed.guide(program, slot, batch.isSecond(slot), batch.other(slot),
                    request.prompt().map(CheckedPrompt::guidance).orElse(1f));
        }
        program.run(batch.running());
        ran.ran(0, batch.running(), System.nanoTime() - begun);
    }

    @Override
    public long decide(SlotBatch batch, ValueDrawer drawer, int slot, int index, long now) throws GraphException {
        int at = slot * program.span() + index;
        return batch.image(slot).append(level(program, at, levels), logProbability(program, at), now);
    }

    /** A value that the last run drew. */
    static int level(ChunkProgram program, int at, int levels) throws GraphException {
        long level = program.drawn()[at];
        if (level < 0 || level >= levels) {
            throw new GraphException("the graph drew " + level + ", which is none of " + levels + " levels");
        }
        return (int) level;
    }

    /** How likely it was, in nats. */
    static double logProbability(ChunkProgram program, int at) throws GraphException {
        float logProbability = program.logProbability()[at];
        if (Float.isNaN(logProbability)) {
            throw new GraphException("the graph answered with a likelihood that is not a number");
        }
        return logProbability;
    }
}
