package io.scanline.trainer.cli;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.export.DraftExporter;
import io.scanline.trainer.export.StoredBundle;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a bundle that was exported before a draft, by which a server guesses values. */
@Command(
        name = "draft",
        description = "Count the training images of a bundle's model, and write what a server needs to guess several values"
                + " and check them in one run into the bundle. Nothing is trained; the images stay the same.")
final class DraftCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BUNDLE", description = "Directory of a bundle: NAME/VERSION.")
    private Path directory;

    @Mixin
    private DataOptions data;

    @Override
    public Integer call() throws Exception {
        StoredBundle stored = StoredBundle.read(directory);
        if (!stored.bundle().hasAutoregression() || stored.drawsCodes()) {
            throw new IOException(directory + " does not draw the values of images one by one: there is nothing to guess");
        }
        if (!DraftExporter.possible(stored)) {
            throw new IOException(directory + " is of a model whose steps need what the one before left: no run can check"
                    + " several guesses");
        }
        Recipe recipe = Recipe.parse(stored.bundle().getProvenance().getRecipe()).recipe();
        ImageSet training = data.load(recipe).training();
        DraftExporter.renew(directory, stored, training);
        spec.commandLine().getOut().println("bundle: " + directory);
        return 0;
    }
}
