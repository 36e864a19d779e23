package io.scanline.trainer.cli;

import io.scanline.trainer.export.VariantFigures;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a bundle that was exported before steps in 8-bit integers. */
@Command(
        name = "quantise",
        description = "Make steps in 8-bit integers of those of a bundle and write them into it, with what they cost in"
                + " likelihood. Nothing is trained, and the steps in fp32 stay.")
final class QuantiseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BUNDLE", description = "Directory of a bundle: NAME/VERSION.")
    private Path directory;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "" + VariantFigures.ENOUGH,
            description = "Test images, spread over all, that both arithmetics are compared on. Default: ${DEFAULT-VALUE}.")
    private int images;

    @Override
    public Integer call() throws Exception {
        if (images < 1) {
            throw new ParameterException(spec.commandLine(), "--images " + images + " is below 1");
        }
        new StepVariants(data, images).addInt8(directory, spec.commandLine().getOut()::println);
        spec.commandLine().getOut().println("bundle: " + directory);
        return 0;
    }
}
