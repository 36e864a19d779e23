package io.scanline.trainer.cli;

import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the built-in recipes. */
@Command(name = "recipes", description = "List the recipes that come with the trainer.")
final class RecipesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (String name : Recipe.builtIn()) {
            out.printf("%-24s  %s%n", name, Recipe.load(name).description());
        }
        return 0;
    }
}
