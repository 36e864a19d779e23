package io.scanline.server.engine;

import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CounterRandom;
import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Replays golden samples of the graph that decides several values in a run: one image at a time by chunks of
 * {@link EngineConfig#DEFAULT_CHUNK} values, as its trainer made them. On the CPU kind that made them it must draw the
 * golden values again and tell their likelihoods bit for bit; elsewhere the golden values are given, and a stated
 * tolerance holds for their likelihoods.
 */
final class ChunkGoldenReplay {
    private final LoadedChunks model;
    private final Compute compute;
    private final ChunkFeed feed;

    ChunkGoldenReplay(LoadedChunks model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.feed = new ChunkFeed(model.grid());
    }

    /** @throws EngineException BUNDLE_GOLDEN_MISMATCH, or BUNDLE_GRAPH_INVALID when the graph cannot run */
    void check(VerifiedBundle verified) throws EngineException {
        try (ChunkProgram program = model.newGolden()) {
            for (int i = 0; i < model.bundle().getGoldenSamplesCount(); i++) {
                GoldenSample sample = model.bundle().getGoldenSamples(i);
                if (!VariantDescription.of(sample).equals(model.variant())) {
                    continue;
                }
                boolean exact = GoldenMachine.made(sample, compute);
                LatentGoldenReplay.Comparison comparison = new LatentGoldenReplay.Comparison(i, sample, exact);
                if (model.prompts().isPresent()) {
                    GoldenReplay.showText(model.prompts().get(), program, verified, comparison);
                }
                replay(program, verified, comparison);
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "the chunk graph does not run: " + failed.getMessage(), failed);
        }
    }

    private void replay(ChunkProgram program, VerifiedBundle verified, LatentGoldenReplay.Comparison comparison)
            throws GraphException, EngineException {
        GoldenSample sample = comparison.sample();
        byte[] golden = verified.files().get(sample.getPixels());
        for (int step = 0; step < golden.length; step++) {
            if ((golden[step] & 0xFF) >= model.grid().levels()) {
                throw comparison.mismatch("value " + step + " is not a level");
            }
        }
        FloatBuffer likelihoods = ByteBuffer.wrap(verified.files().get(sample.getLogits()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        byte[] values = Arrays.copyOf(golden, model.grid().values());
        ChunkFeed.Values known = known(comparison, golden.length);
        feed.neutral(program, 1, sample.getTemperature());
        ChunkFeed.label(program, 1, sample.getLabel());
        for (int from = 0; from < golden.length; from += program.span()) {
            feed.show(program, 0, values, from, known);
            program.run(1);
            for (int i = 0; i < program.span() && from + i < golden.length; i++) {
                int drawn = ChunkDecoder.level(program, i, model.grid().levels());
                if (drawn != (golden[from + i] & 0xFF)) {
                    throw comparison.mismatch("step " + (from + i) + " drew level " + drawn + ", golden is "
                            + (golden[from + i] & 0xFF));
                }
                compare(comparison, from + i, program.logProbability()[i], likelihoods.get(from + i));
            }
        }
    }

    /**
     * On another machine all is given, since a value may be drawn otherwise where its likelihoods are nearly the same.
     */
    private ChunkFeed.Values known(LatentGoldenReplay.Comparison comparison, int count) {
        int channels = model.grid().channels();
        return new ChunkFeed.Values() {
            @Override
            public boolean given(int position) {
                return !comparison.exact() && position < count;
            }

            @Override
            public double uniform(int position) {
                return CounterRandom.uniform(
                        comparison.sample().getSeed(), 0, position / channels, position % channels);
            }
        };
    }

    private static void compare(LatentGoldenReplay.Comparison comparison, int step, float found, float golden)
            throws EngineException {
        if (!comparison.equal(found, golden)) {
            throw comparison.mismatch("the likelihood of step " + step + " is " + found + ", golden is " + golden
                    + comparison.rule());
        }
    }
}
