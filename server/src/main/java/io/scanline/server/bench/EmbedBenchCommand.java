package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench embed}: look-ups through the engine against runs of the bare graph. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description = "Measures look-ups of images, new ones and cached ones, against runs of the bare image encoder.")
public final class EmbedBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that embeds if left out.")
    private String model;

    @Option(names = "--threads", description = "Threads that compute a run; all processors if left out.")
    private Integer threads;

    @Option(names = "--rounds", defaultValue = "11",
            description = "Times that both sides take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--requests", defaultValue = "50", description = "Requests of one turn (${DEFAULT-VALUE}).")
    private int requests;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || requests < 1 || threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds, --requests and --threads must be 1 or more");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models,
                defaults.slots(),
                defaults.maxQueuedImages(),
                defaults.maxImagesPerRequest(),
                threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        List<BenchRow> rows = new EmbedBench(config, rounds, requests).run(model);
        if (!json) {
            spec.commandLine().getOut().println(BenchRow.header());
        }
        for (BenchRow row : rows) {
            spec.commandLine().getOut().println(json ? row.toJson() : row.toText());
        }
        return 0;
    }
}
