package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.export.PriorFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VariantFigures;
import io.scanline.trainer.training.Recipe;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** The exact likelihood of codes of test images under a prior over codes, beside what counting codes gives. */
final class PriorEvaluation implements Evaluation {
    /** Codes are those of the bundle's own encoder, a copy of the one that the prior was trained on. */
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        long started = System.nanoTime();
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        ImageSet training = TokenizerOptions.codes(stored, images.all().training(), "training");
        ImageSet test = TokenizerOptions.codes(stored, images.test(), "test");
        List<Metric> figures = new ArrayList<>(new PriorFigures(
                        stored, images.dataSet(), recipe.tokenizer(), images.all().test().size())
                .of(training, test, threads, progress));
        figures.addAll(new VariantFigures(stored, images.dataSet())
                .of(test.spread(VariantFigures.ENOUGH), threads, done -> {}));
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, test.size(), (System.nanoTime() - started) / 1e9);
    }
}
