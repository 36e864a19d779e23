package io.scanline.trainer.cli;

import io.scanline.trainer.export.PipelineExporter;
import io.scanline.trainer.export.PipelineExporter.Part;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes one model of several that were exported before. */
@Command(
        name = "pipeline",
        description = "Write a bundle that makes pictures of texts with models that were exported before: a prior over codes"
                + " that draws what a text says, and a model of images and texts that ranks what was drawn. Nothing is"
                + " trained or copied; the bundle names the others by their digests.",
        sortOptions = false)
final class PipelineCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "Name of the pipeline.")
    private String name;

    @Option(
            names = "--model-version",
            paramLabel = "N",
            defaultValue = "1",
            description = "Version of the pipeline. Default: ${DEFAULT-VALUE}.")
    private String version;

    @Option(
            names = "--prior",
            required = true,
            paramLabel = "BUNDLE",
            description = "Directory of the bundle that draws: NAME/VERSION, or NAME for its newest version.")
    private Path prior;

    @Option(
            names = "--rank",
            paramLabel = "BUNDLE",
            description = "Directory of the bundle that ranks. Without it nothing is ranked.")
    private Path ranker;

    @Option(
            names = {"--out", "--models"},
            paramLabel = "DIR",
            defaultValue = "deploy/models",
            description = "Directory of models, with the others in it; the bundle becomes NAME/VERSION there."
                    + " Default: ${DEFAULT-VALUE}.")
    private Path models;

    @Override
    public Integer call() throws Exception {
        Optional<Part> ranking = ranker == null ? Optional.empty() : Optional.of(Part.read(ranker));
        Path bundle = new PipelineExporter(name, version, Part.read(prior), ranking).export(models);
        PrintWriter terminal = spec.commandLine().getOut();
        terminal.println("bundle: " + bundle);
        terminal.println("next: java -jar server/target/scanline-server.jar serve --models " + models);
        return 0;
    }
}
