package io.scanline.trainer.cli;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.export.ClassifierFeatures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.training.PrincipalFeatures;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** By what samples are compared with real images. */
final class JudgeOptions {
    @Option(
            names = "--judge",
            paramLabel = "BUNDLE",
            description = "Of models that only draw: compare samples with real images by the features of this classifier,"
                    + " and count the classes that it finds. Default: principal components of intensities, and no classes.")
    private Path judge;

    /**
     * The features of images.
     *
     * @param training those that a model learned from
     */
    ImageFeatures features(ImageSet training) throws IOException {
        return judge == null
                ? PrincipalFeatures.of(training)
                : ClassifierFeatures.of(StoredBundle.read(judge), training);
    }
}
