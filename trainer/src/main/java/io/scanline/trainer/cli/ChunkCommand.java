package io.scanline.trainer.cli;

import io.scanline.trainer.export.ChunkExporter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives a bundle that was exported before a graph of many steps in 16-bit floats. */
@Command(
        name = "chunk",
        description = "Make a graph that draws many values in one run, in 16-bit floats and for CUDA, of the steps of a bundle"
                + " and write it into the bundle, with what it costs in likelihood. Nothing is trained, and the steps in fp32"
                + " stay.")
final class ChunkCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "BUNDLE", description = "Directory of a bundle: NAME/VERSION.")
    private Path directory;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "" + ChunkExporter.ENOUGH,
            description = "Test images, spread over all, that both arithmetics are compared on. Default: ${DEFAULT-VALUE}.")
    private int images;

    @Override
    public Integer call() throws Exception {
        if (images < 1) {
            throw new ParameterException(spec.commandLine(), "--images " + images + " is below 1");
        }
        new StepVariants(data, images).addChunk(directory, spec.commandLine().getOut()::println);
        spec.commandLine().getOut().println("bundle: " + directory);
        return 0;
    }
}
