package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.export.GeneratorFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.ops.Libtorch;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * How far samples of a model that only draws are from test images, beside how far training images are.
 *
 * @param judge by what they are compared
 */
record GeneratorEvaluation(JudgeOptions judge) implements Evaluation {
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        Libtorch.load(); // for the matrices
        long started = System.nanoTime();
        List<Metric> figures = new GeneratorFigures(stored, images.dataSet(), images.all().test().size())
                .of(
                        images.all().training(),
                        images.test(),
                        judge.features(images.all().training()),
                        progress);
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, images.test().size(), (System.nanoTime() - started) / 1e9);
    }
}
