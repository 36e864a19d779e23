package io.scanline.trainer.training;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.ops.Precision;
import java.io.IOException;
import java.nio.file.Path;

/** The recipe "tiny" with fewer workers, or on smaller images, as tests need it. */
final class SmallTraining {
    private SmallTraining() {}

    static Recipe recipe() throws IOException {
        return Recipe.load("tiny").recipe();
    }

    /** The images that the recipe is for, 8 x 8, with 8-bit intensities. */
    static TrainTest images() throws IOException {
        return new SyntheticShapes(8, 8).dataSet();
    }

    /** 4 x 4 images, which train four times faster, with 8-bit intensities. */
    private static ImageSet smallIntensities() {
        return new SyntheticShapes(4, 4).draw(120, 1);
    }

    /** The levels of 4 x 4 images. */
    static ImageSet smallImages() throws IOException {
        return recipe().discretiser().fixed(smallIntensities());
    }

    /** A run on the small images that checkpoints every 4 steps. */
    static TrainingRun run(Path directory) throws IOException {
        return run(directory, recipe().training().workers(), Peers.NONE);
    }

    /** The same in one of several processes, each with so many threads. */
    static TrainingRun run(Path directory, int workers, Peers peers) throws IOException {
        return run("tiny", directory, workers, peers);
    }

    /** The same by another recipe. */
    static TrainingRun run(String name, Path directory, int workers, Peers peers) throws IOException {
        Recipe recipe = Recipe.load(name).recipe().withWorkers(workers, peers.size());
        return new TrainingRun(
                recipe.training(),
                recipe.network(smallIntensities()),
                smallIntensities(),
                recipe.discretiser(),
                directory,
                Precision.FP32,
                4,
                peers);
    }
}
