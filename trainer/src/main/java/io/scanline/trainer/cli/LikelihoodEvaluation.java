package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.export.ExactLikelihood;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VariantFigures;
import java.util.List;
import java.util.function.IntConsumer;

/** The exact likelihood of test images under an autoregressive model, beside what counting neighbours gives. */
final class LikelihoodEvaluation implements Evaluation {
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        long started = System.nanoTime();
        Likelihood likelihood = new ExactLikelihood(stored)
                .of(images.test(), Math.min(threads, images.test().size()), progress);
        List<Metric> variants = new VariantFigures(stored, images.dataSet())
                .of(images.test().spread(VariantFigures.ENOUGH), threads, done -> {});
        double seconds = (System.nanoTime() - started) / 1e9;
        return new LikelihoodRow(
                stored.bundle(),
                images.dataSet(),
                images.levels().protocol(),
                images.all().test().size(),
                likelihood,
                CountedFloor.all(images.all().training(), images.test()),
                variants,
                seconds);
    }
}
