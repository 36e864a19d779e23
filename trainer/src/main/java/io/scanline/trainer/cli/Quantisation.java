package io.scanline.trainer.cli;

import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.Int8Exporter;
import io.scanline.trainer.export.Int8Exporter.Shown;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Gives bundles steps in 8-bit integers.
 *
 * @param data where the images of their data sets come from
 * @param images test images that the likelihood is measured on, at most
 */
record Quantisation(DataOptions data, int images) {
    /**
     * Writes a bundle anew with them.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param report told in words what was found
     * @throws IOException also when the steps of its model cannot be made in integers
     */
    void addTo(Path directory, Consumer<String> report) throws Exception {
        StoredBundle stored = StoredBundle.read(directory);
        if (!Int8Exporter.possible(stored)) {
            throw new IOException(directory + " stays as it is: its model does not draw values one by one by attention with a"
                    + " cache of keys and values, and only such steps can be in int8");
        }
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        Shown training;
        Shown test;
        if (stored.drawsTexts()) {
            CaptionedImages captioned = data.captioned(recipe);
            training = captioned(stored, captioned, captioned.images().training().spread(Int8Exporter.ENOUGH), "training");
            test = captioned(stored, captioned, captioned.images().test().spread(images), "test");
        } else {
            TrainTest all = stored.drawsCodes() ? data.intensities(recipe) : data.load(recipe);
            training = plain(stored, all.training().spread(Int8Exporter.ENOUGH), "training");
            test = plain(stored, all.test().spread(images), "test");
        }
        try (ProgressBar bar = ProgressBar.onStandardError("evaluate", "images", 0, test.images().size())) {
            new Int8Exporter(stored, data.dataset(recipe.dataset()), training, test)
                    .addTo(
                            directory,
                            Runtime.getRuntime().availableProcessors(),
                            report,
                            done -> bar.update(done, ""));
        }
    }

    private static Shown plain(StoredBundle stored, ImageSet some, String part) throws Exception {
        return Shown.plainly(stored.drawsCodes() ? TokenizerOptions.codes(stored, some, part) : some);
    }

    private static Shown captioned(StoredBundle stored, CaptionedImages captions, ImageSet some, String part)
            throws Exception {
        return Shown.of(stored, captions, TokenizerOptions.codes(stored, some, part));
    }
}
