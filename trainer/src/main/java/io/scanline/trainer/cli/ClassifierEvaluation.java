package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.VisionFigures;
import java.util.List;
import java.util.function.IntConsumer;

/** How often a classifier is right. */
final class ClassifierEvaluation implements Evaluation {
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        long started = System.nanoTime();
        List<Metric> figures = new VisionFigures(stored, images.dataSet(), threads, progress)
                .classifier(images.test(), images.all().test().size());
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, images.test().size(), (System.nanoTime() - started) / 1e9);
    }
}
