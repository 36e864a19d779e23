package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.TextTokenizer;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.util.Map;

/**
 * Replays the golden samples of a model that looks at images and texts: its vectors, its logits, and the tokens of its
 * texts. On the CPU kind that made them all of it must be equal bit for bit; elsewhere a stated tolerance holds for
 * vectors and logits. Tokens are the same everywhere.
 */
final class LookGoldenReplay {
    private final LoadedLookModel model;
    private final Compute compute;
    private final Bundle bundle;
    private final Map<String, byte[]> files;

    LookGoldenReplay(LoadedLookModel model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.bundle = model.bundle();
        this.files = model.verified().files();
    }

    /** @throws EngineException BUNDLE_GOLDEN_MISMATCH, or BUNDLE_GRAPH_INVALID when a graph cannot be used */
    void check() throws EngineException {
        try (LookCodec codec = model.newCodec(1)) {
            for (int i = 0; i < bundle.getGoldenSamplesCount(); i++) {
                GoldenSample sample = bundle.getGoldenSamples(i);
                check(codec, sample, new LatentGoldenReplay.Comparison(i, sample, GoldenMachine.made(sample, compute)));
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph cannot be used: " + failed.getMessage(), failed);
        }
    }

    private void check(LookCodec codec, GoldenSample sample, LatentGoldenReplay.Comparison comparison)
            throws GraphException, EngineException {
        byte[] levels = files.get(sample.getPixels());
        for (int i = 0; i < levels.length; i++) {
            if ((levels[i] & 0xFF) >= bundle.getGeometry().getLevels()) {
                throw comparison.mismatch("value " + i + " is not a level");
            }
        }
        if (bundle.hasEmbedding()) {
            float[] found = run(codec, Stage.EMBED_IMAGE, new Shown.Image(levels));
            comparison.floats("the image's vector", found, files.get(sample.getEmbedding()), 0);
        }
        if (bundle.hasClassifier()) {
            float[] found = run(codec, Stage.CLASSIFY, new Shown.Image(levels));
            comparison.floats("the logits", found, files.get(sample.getLogits()), 0);
        }
        if (LookDescription.takesText(bundle)) {
            Shown.Tokens tokens = tokens(sample, comparison);
            float[] found = run(codec, Stage.EMBED_TEXT, tokens);
            comparison.floats("the text's vector", found, files.get(sample.getTextEmbedding()), 0);
        }
    }

    private static float[] run(LookCodec codec, Stage stage, Shown shown) throws GraphException {
        codec.put(stage, 0, shown);
        codec.program(stage).run(1);
        return codec.answer(stage, 0);
    }

    private Shown.Tokens tokens(GoldenSample sample, LatentGoldenReplay.Comparison comparison)
            throws EngineException {
        TextTokenizer tokenizer = model.tokenizer().orElseThrow();
        int[] found;
        try {
            found = tokenizer.ids(sample.getText());
        } catch (TextTokenizer.TooLong tooLong) {
            throw comparison.mismatch(tooLong.getMessage());
        }
        comparison.ids(found, files.get(sample.getTextTokens()));
        return new Shown.Tokens(found);
    }
}
