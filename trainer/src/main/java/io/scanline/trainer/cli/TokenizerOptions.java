package io.scanline.trainer.cli;

import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.CodeGrids;
import io.scanline.trainer.export.FeatureBundle;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.export.Tokenizer;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Where the other model is that a recipe names: the tokenizer of a prior over codes, the classifier of a VQ-GAN,
 * the CLIP of a captioner.
 */
final class TokenizerOptions {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            defaultValue = "deploy/models",
            description = "Directory of models with the tokenizer, classifier or CLIP, where the recipe names one."
                    + " Default: ${DEFAULT-VALUE}.")
    private Path models;

    /** The tokenizer that a recipe names, if it names one. */
    Optional<Tokenizer> read(Recipe recipe) throws IOException {
        return recipe.tokenizer() == null ? Optional.empty() : Optional.of(Tokenizer.of(recipe, models));
    }

    /** The bundle whose features a recipe compares images by or begins with, if it does. */
    Optional<FeatureBundle> features(Recipe recipe) throws IOException {
        return FeatureBundle.of(recipe, models);
    }

    /** Codes of both parts of a data set of 8-bit images with captions; none of images in a style by themselves. */
    static CaptionedImages codes(StoredBundle encoder, CaptionedImages intensities) throws Exception {
        return new CaptionedImages(codes(encoder, intensities.images()), Optional.empty(), intensities.captions());
    }

    /** Codes of both parts of a data set of 8-bit images. */
    static TrainTest codes(StoredBundle encoder, TrainTest intensities) throws Exception {
        return new TrainTest(
                codes(encoder, intensities.training(), "training"), codes(encoder, intensities.test(), "test"));
    }

    /**
     * Codes of 8-bit images, made on all cores with a line of progress.
     *
     * @param part of the data set, in words
     */
    static ImageSet codes(StoredBundle encoder, ImageSet intensities, String part) throws Exception {
        CodeGrids grids = new CodeGrids(encoder, Runtime.getRuntime().availableProcessors());
        try (ProgressBar bar =
                ProgressBar.onStandardError("encode", part + " images", 0, Math.max(1, intensities.size()))) {
            return grids.of(intensities, done -> bar.update(done, ""));
        }
    }
}
