package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.export.Int8Exporter;
import io.scanline.trainer.export.PriorFigures;
import io.scanline.trainer.export.PromptFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VariantFigures;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The exact likelihood of codes of test images given their captions, beside what it is given others and what counting codes
 * gives; and, with a judge, whether what is drawn is what the captions say.
 *
 * @param captions of the images' labels
 * @param judge of what is drawn
 * @param candidates what is drawn
 */
record TextPriorEvaluation(CaptionedImages captions, JudgeOptions judge, CandidateOptions candidates)
        implements Evaluation {
    /** Codes are those of the bundle's own encoder, a copy of the one that the prior was trained on. */
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        long started = System.nanoTime();
        Optional<PromptFigures> drawn = drawn(stored, images.dataSet(), threads);
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        ImageSet training = TokenizerOptions.codes(stored, images.all().training(), "training");
        ImageSet test = TokenizerOptions.codes(stored, images.test(), "test");
        List<Metric> figures = new ArrayList<>(new PriorFigures(
                        stored, images.dataSet(), recipe.tokenizer(), images.all().test().size())
                .of(training, captions, test, threads, progress));
        Int8Exporter.Shown some = Int8Exporter.Shown.of(stored, captions, test.spread(VariantFigures.ENOUGH));
        figures.addAll(new VariantFigures(stored, images.dataSet(), some.conditions())
                .of(some.images(), threads, done -> {}));
        if (drawn.isPresent()) {
            figures.addAll(judged(drawn.get(), images));
        }
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, test.size(), (System.nanoTime() - started) / 1e9);
    }

    private Optional<PromptFigures> drawn(StoredBundle stored, String dataSet, int threads) throws IOException {
        Optional<StoredBundle> asked = judge.bundle();
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        PromptFigures figures = new PromptFigures(
                stored,
                asked.get(),
                candidates.reader(),
                dataSet,
                candidates.candidates(),
                candidates.guidance(stored),
                threads);
        figures.checkJudge();
        return Optional.of(figures);
    }

    private List<Metric> judged(PromptFigures drawn, Images images) throws Exception {
        boolean counted = images.dataSet().equals(CaptionedShapes.NAME);
        try (ProgressBar bar = ProgressBar.onStandardError("draw", "captions", 0, 2 * images.test().size())) {
            return drawn.of(
                    captions,
                    images.all().training(),
                    images.test(),
                    caption -> counted ? CaptionedShapes.alternatives(caption.text()) : Map.of(),
                    done -> bar.update(done, ""));
        }
    }
}
