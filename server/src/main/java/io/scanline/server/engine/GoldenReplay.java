package io.scanline.server.engine;

import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import io.scanline.contract.TextTokenizer;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;
import io.scanline.server.runtime.StepProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Replays golden samples of the variant at hand: feeds the golden values and compares the logits of every step. On the
 * CPU kind that made them logits must be equal bit for bit and drawing from them must give the golden values;
 * elsewhere a stated tolerance holds. Of a model that draws what a text says the text becomes ids, which are the same
 * everywhere, the ids become what the steps are shown, and that is what the logits are computed with.
 */
final class GoldenReplay {
    private final LoadedModel model;
    private final Compute compute;
    private final LevelSampler sampler;

    GoldenReplay(LoadedModel model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.sampler = new LevelSampler(model.levels());
    }

    /** @throws EngineException BUNDLE_GOLDEN_MISMATCH, or BUNDLE_GRAPH_INVALID when the graph cannot run */
    void check(VerifiedBundle verified) throws EngineException {
        try (LoadedModel.OwnedProgram decoder = model.newDecoder(1)) {
            for (int i = 0; i < model.bundle().getGoldenSamplesCount(); i++) {
                GoldenSample sample = model.bundle().getGoldenSamples(i);
                if (!VariantDescription.of(sample).equals(model.variant())) {
                    continue;
                }
                byte[] golden = verified.files().get(sample.getPixels());
                FloatBuffer logits = ByteBuffer.wrap(verified.files().get(sample.getLogits()))
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
                boolean exact = GoldenMachine.made(sample, compute);
                if (model.prompts().isPresent()) {
                    LatentGoldenReplay.Comparison comparison = new LatentGoldenReplay.Comparison(i, sample, exact);
                    showText(model.prompts().get(), decoder.program(), verified, comparison);
                }
                replay(decoder.program(), i, sample, golden, logits, exact);
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "the step graph does not run: " + failed.getMessage(), failed);
        }
    }

    /** Shows slot 0 the text of a sample, as it is read here. */
    static void showText(
            LoadedPrompts prompts, SlotProgram program, VerifiedBundle verified,
            LatentGoldenReplay.Comparison comparison) throws GraphException, EngineException {
        GoldenSample sample = comparison.sample();
        int[] ids;
        try {
            ids = prompts.reader().ids(sample.getText());
        } catch (TextTokenizer.TooLong tooLong) {
            throw comparison.mismatch(tooLong.getMessage());
        }
        comparison.ids(ids, verified.files().get(sample.getTextTokens()));
        try (TextConditioner conditioner = prompts.newConditioner()) {
            float[] condition = conditioner.condition(ids);
            comparison.floats("what steps are shown of its text", condition,
                    verified.files().get(sample.getTextEmbedding()), 0);
            program.condition().put(0, condition);
        }
    }

    private void replay(
            StepProgram program, int index, GoldenSample sample, byte[] golden, FloatBuffer logits, boolean exact)
            throws GraphException, EngineException {
        int levels = model.levels();
        int channels = model.grid().channels();
        byte[] values = new byte[model.steps()];
        System.arraycopy(golden, 0, values, 0, golden.length);
        program.label()[0] = sample.getLabel();
        for (int step = 0; step < golden.length; step++) {
            if ((golden[step] & 0xFF) >= levels) {
                throw mismatch(index, step, "its value is not a level");
            }
            model.feed().show(program, 0, values, step);
            program.run(1);
            for (int level = 0; level < levels; level++) {
                compare(index, step, sample, program.logits()[level], logits.get(step * levels + level), exact);
            }
            if (exact) {
                double uniform = CounterRandom.uniform(sample.getSeed(), 0, step / channels, step % channels);
                int drawn = sampler.draw(program.logits(), 0, sample.getTemperature(), 0, 1, uniform);
                if (drawn != (golden[step] & 0xFF)) {
                    throw mismatch(index, step, "drew level " + drawn + ", golden is " + (golden[step] & 0xFF));
                }
            }
        }
    }

    private static void compare(int index, int step, GoldenSample sample, float found, float golden, boolean exact)
            throws EngineException {
        boolean equal = exact
                ? Float.floatToRawIntBits(found) == Float.floatToRawIntBits(golden)
                : Math.abs((double) found - golden) <= sample.getAtol() + sample.getRtol() * Math.abs((double) golden);
        if (!equal) {
            throw mismatch(
                    index,
                    step,
                    "a logit is " + found + ", golden is " + golden
                            + (exact ? " (this CPU kind must agree bit for bit)" : " (beyond atol + rtol * |golden|)"));
        }
    }

    private static EngineException mismatch(int index, int step, String how) {
        return EngineException.of(
                Reason.BUNDLE_GOLDEN_MISMATCH,
                "golden sample " + index + " is not reproduced at step " + step + ": " + how);
    }
}
