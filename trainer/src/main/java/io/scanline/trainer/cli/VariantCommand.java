package io.scanline.trainer.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a bundle that was exported before steps in another arithmetic. */
abstract class VariantCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BUNDLE", description = "Directory of a bundle: NAME/VERSION.")
    private Path directory;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--images",
            paramLabel = "N",
            description = "Test images, spread over all, that both arithmetics are compared on. Default: see above.")
    private Integer images;

    private final int enough;

    /**
     * A command.
     *
     * @param enough test images, unless the command line says how many
     */
    VariantCommand(int enough) {
        this.enough = enough;
    }

    /** Writes a bundle anew. */
    abstract void add(StepVariants variants, Path bundle, Consumer<String> report) throws Exception;

    @Override
    public final Integer call() throws Exception {
        int compared = images == null ? enough : images;
        if (compared < 1) {
            throw new ParameterException(spec.commandLine(), "--images " + compared + " is below 1");
        }
        add(new StepVariants(data, compared), directory, spec.commandLine().getOut()::println);
        spec.commandLine().getOut().println("bundle: " + directory);
        return 0;
    }
}
