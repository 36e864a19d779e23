package io.scanline.trainer.export;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.nio.file.Path;

/** A bundle of the recipe "tiny-vq" that was never trained: it makes codes of images all the same. */
public final class TinyTokenizer {
    private TinyTokenizer() {}

    /** Writes it with weights of a seed into a directory of models. */
    static Path write(Path models, long seed) throws Exception {
        SyntheticShapes shapes = new SyntheticShapes(8, 8);
        return write("tiny-vq", new TrainTest(shapes.draw(10, 1), shapes.draw(20, 2)), models, seed);
    }

    /** The same of the recipe "tiny-shapes-vq", for pictures with captions. */
    public static Path writeForCaptions(Path models, long seed) throws Exception {
        ImageSet pictures = CaptionedShapes.DATA_SET.draw().images().test();
        return write("tiny-shapes-vq", new TrainTest(pictures.first(10), pictures.first(20)), models, seed);
    }

    private static Path write(String recipe, TrainTest images, Path models, long seed) throws Exception {
        Recipe.Source source = Recipe.load(recipe);
        LatentNetwork network = (LatentNetwork) source.recipe().network(images.training());
        return new LatentExporter(
                        source,
                        network,
                        Parameters.initial(network.parameters(), seed),
                        images,
                        Dataset.getDefaultInstance(),
                        0,
                        0)
                .export(models, 1, line -> {}, done -> {});
    }

    /** The same as a recipe's tokenizer. */
    static Tokenizer of(Recipe recipe, Path models, long seed) throws Exception {
        write(models, seed);
        return Tokenizer.of(recipe, models);
    }
}
