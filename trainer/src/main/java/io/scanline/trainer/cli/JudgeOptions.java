package io.scanline.trainer.cli;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.export.ClassifierFeatures;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.training.PrincipalFeatures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** By what samples are compared with real images. */
final class JudgeOptions {
    @Option(
            names = "--judge",
            paramLabel = "BUNDLE",
            description = "Of models that only draw: compare samples with real images by the features of this classifier,"
                    + " and count the classes that it finds. Default: principal components of intensities, and no"
                    + " classes. Of models that encode: also compare reconstructions with their images so. Of models that"
                    + " draw what a text says: ask this model of images and texts how near what is drawn of the test"
                    + " captions is to them. Default: nothing is drawn.")
    private Path judge;

    /** The judge, if there is one. */
    Optional<StoredBundle> bundle() throws IOException {
        return judge == null ? Optional.empty() : Optional.of(StoredBundle.read(judge));
    }

    /** Whether there is a judge. */
    boolean isGiven() {
        return judge != null;
    }

    /**
     * The features of the classifier, if one is named.
     *
     * @param training images like those that will be compared
     */
    Optional<ImageFeatures> classifier(ImageSet training) throws IOException {
        return judge == null
                ? Optional.empty()
                : Optional.of(ClassifierFeatures.of(StoredBundle.read(judge), training));
    }

    /**
     * The features of images.
     *
     * @param training those that a model learned from
     */
    ImageFeatures features(ImageSet training) throws IOException {
        return classifier(training).orElseGet(() -> PrincipalFeatures.of(training));
    }
}
