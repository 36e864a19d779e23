package io.scanline.server.engine;

import io.scanline.bundle.v1.Captioning;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.ImagePlanes;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.TextStepProgram;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/**
 * Replays the golden samples of a model that puts images into words: feeds the golden ids and compares the logits of
 * every one. On the CPU kind that made them they must be equal bit for bit and their likeliest ids the golden ones;
 * elsewhere a stated tolerance holds. What the ids spell is the same everywhere.
 */
final class CaptionGoldenReplay {
    private final LoadedCaptioner model;
    private final Compute compute;
    private final Captioning captioning;
    private final Map<String, byte[]> files;
    private final LevelSampler sampler;

    CaptionGoldenReplay(LoadedCaptioner model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.captioning = model.bundle().getCaptioning();
        this.files = model.verified().files();
        this.sampler = new LevelSampler(captioning.getVocabulary());
    }

    /** @throws EngineException BUNDLE_GOLDEN_MISMATCH, or BUNDLE_GRAPH_INVALID when a graph cannot be used */
    void check() throws EngineException {
        try (BatchProgram prefix = model.newPrefix(); TextStepProgram step = model.newStep(1)) {
            for (int i = 0; i < model.bundle().getGoldenSamplesCount(); i++) {
                GoldenSample sample = model.bundle().getGoldenSamples(i);
                // The trainer computes an image in one run, and attention adds up in another order in several.
                boolean exact = GoldenMachine.made(sample, compute) && step.pieces() == 1;
                replay(prefix, step, new LatentGoldenReplay.Comparison(i, sample, exact));
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph cannot be used: " + failed.getMessage(), failed);
        } catch (OutOfMemoryError tooLarge) {
            throw LoadedModel.tooLarge(tooLarge);
        }
    }

    private void replay(BatchProgram prefix, TextStepProgram step, LatentGoldenReplay.Comparison comparison)
            throws GraphException, EngineException {
        GoldenSample sample = comparison.sample();
        int[] ids = ids(comparison);
        byte[] logits = files.get(sample.getLogits());
        see(prefix, comparison);
        for (int piece = 0; piece < step.pieces(); piece++) {
            step.begin(0, piece, prefix.floatOutput(CaptionDescription.PREFIX), captioning.getBegin());
        }
        for (int i = 1; i < ids.length; i++) {
            if (i > 1) {
                step.token()[0] = ids[i - 1];
                step.position()[0] = captioning.getPrefix() + i - 1;
                step.run(1);
            }
            float[] found = Arrays.copyOf(step.logits(), captioning.getVocabulary());
            comparison.floats(
                    "the logits of id " + i + " of its caption", found, logits,
                    (i - 1) * captioning.getVocabulary());
            int likeliest = sampler.draw(found, 0, 0, 0, 1, 0);
            if (comparison.exact() && likeliest != ids[i]) {
                throw comparison.mismatch(
                        "id " + i + " of its caption is " + likeliest + ", golden is " + ids[i]);
            }
        }
        spell(ids, comparison);
    }

    private void see(BatchProgram prefix, LatentGoldenReplay.Comparison comparison)
            throws GraphException, EngineException {
        byte[] levels = files.get(comparison.sample().getPixels());
        for (int i = 0; i < levels.length; i++) {
            if ((levels[i] & 0xFF) >= model.bundle().getGeometry().getLevels()) {
                throw comparison.mismatch("value " + i + " is not a level");
            }
        }
        new ImagePlanes(model.bundle().getGeometry())
                .fromLevels(levels, prefix.floatInput(CaptionDescription.IMAGE), 0);
        prefix.run(1);
    }

    private int[] ids(LatentGoldenReplay.Comparison comparison) throws EngineException {
        ByteBuffer tokens =
                ByteBuffer.wrap(files.get(comparison.sample().getTextTokens())).order(ByteOrder.LITTLE_ENDIAN);
        int[] ids = new int[tokens.remaining() / Integer.BYTES];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens.getInt();
            if (ids[i] < 0 || ids[i] >= captioning.getVocabulary()) {
                throw comparison.mismatch("id " + i + " of its caption is " + ids[i] + "; there are "
                        + captioning.getVocabulary());
            }
        }
        if (ids[0] != captioning.getBegin()) {
            throw comparison.mismatch("its caption does not begin with captioning.begin");
        }
        return ids;
    }

    /** Told id by id, the text must be what it is as a whole. */
    private void spell(int[] ids, LatentGoldenReplay.Comparison comparison) throws EngineException {
        GrowingText text = model.newText();
        for (int i = 1; i < ids.length; i++) {
            if (ids[i] != captioning.getEnd()) {
                text.add(ids[i], 0);
            }
        }
        text.end();
        if (!text.told().equals(comparison.sample().getText())) {
            throw comparison.mismatch("its ids, told one by one, spell \"" + text.told() + "\", golden is \""
                    + comparison.sample().getText() + "\"");
        }
    }
}
