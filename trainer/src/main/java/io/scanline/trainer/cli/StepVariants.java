package io.scanline.trainer.cli;

import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.export.ChunkExporter;
import io.scanline.trainer.export.Int8Exporter;
import io.scanline.trainer.export.Int8Exporter.Shown;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.report.ProgressBar;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Gives bundles steps in other arithmetic.
 *
 * @param data where the images of their data sets come from
 * @param images test images that the likelihood is measured on, at most
 */
record StepVariants(DataOptions data, int images) {
    /** Images that a variant is made and measured with. */
    private record Images(StoredBundle stored, String dataSet, Shown training, Shown test) {}

    /** Writes a bundle anew with a variant. */
    @FunctionalInterface
    private interface Maker {
        void make(Images images, int threads, IntConsumer evaluated) throws Exception;
    }

    /**
     * Writes a bundle anew with steps in 8-bit integers.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param report told in words what was found
     * @throws IOException also when there are no such steps of its model
     */
    void addInt8(Path directory, Consumer<String> report) throws Exception {
        add(directory, "can be in int8", (images, threads, evaluated) ->
                new Int8Exporter(images.stored(), images.dataSet(), images.training(), images.test())
                        .addTo(directory, threads, report, evaluated));
    }

    /**
     * Writes a bundle anew with a graph that makes many steps in one run, in 16-bit floats.
     *
     * @param directory of the bundle, NAME/VERSION
     * @param report told in words what was found
     * @throws IOException also when there is no such graph of its model, or it loses too much likelihood
     */
    void addChunk(Path directory, Consumer<String> report) throws Exception {
        add(directory, "can be made many in a run", (images, threads, evaluated) ->
                new ChunkExporter(images.stored(), images.dataSet(), images.test())
                        .addTo(directory, threads, report, evaluated));
    }

    private void add(Path directory, String what, Maker maker) throws Exception {
        StoredBundle stored = StoredBundle.read(directory);
        if (!Int8Exporter.possible(stored)) {
            throw new IOException(directory + " stays as it is: its model does not draw values one by one by attention with a"
                    + " cache of keys and values, and only such steps " + what);
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
            maker.make(
                    new Images(stored, data.dataset(recipe.dataset()), training, test),
                    Runtime.getRuntime().availableProcessors(),
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
