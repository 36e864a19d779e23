package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.export.LatentFigures;
import io.scanline.trainer.export.ReconstructionDistance;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.ops.Libtorch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Bounds and reconstructions of a latent model, beside what counting or principal components give.
 *
 * @param judge by what reconstructions are also compared with their images, if by anything
 */
record LatentEvaluation(JudgeOptions judge) implements Evaluation {
    @Override
    public Row run(StoredBundle stored, Images images, int threads, IntConsumer progress) throws Exception {
        Libtorch.load(); // for the principal components
        long started = System.nanoTime();
        int all = images.all().test().size();
        List<Metric> figures = new ArrayList<>(new LatentFigures(stored, images.dataSet(), all)
                .of(images.all().training(), images.test(), threads, progress));
        Optional<ImageFeatures> features = judge.classifier(images.test());
        if (features.isPresent()) {
            figures.addAll(new ReconstructionDistance(stored, images.dataSet(), all, threads)
                    .of(images.all().training(), images.test(), features.get(), progress));
        }
        return new FiguresRow(
                stored.bundle(), images.dataSet(), figures, images.test().size(), (System.nanoTime() - started) / 1e9);
    }
}
