package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.export.LatentFigures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.ops.Libtorch;
import java.util.List;
import java.util.function.IntConsumer;

/** Bounds and reconstructions of a latent model, beside what counting or principal components give. */
final class LatentEvaluation implements Evaluation {
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        Libtorch.load(); // for the principal components
        long started = System.nanoTime();
        List<Metric> figures = new LatentFigures(stored, images.dataSet(), images.all().test().size())
                .of(images.all().training(), images.test(), threads, progress);
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, images.test().size(), (System.nanoTime() - started) / 1e9);
    }
}
