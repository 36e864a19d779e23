package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench roofline}: steps against what the machine could do at best. */
@Command(
        name = "roofline",
        mixinStandardHelpOptions = true,
        description = "Measures steps against measured memory bandwidth and arithmetic.")
public final class RooflineBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--threads", description = "Threads that compute a step; all processors if left out.")
    private Integer threads;

    @Option(names = "--rounds", defaultValue = "15", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || threads != null && threads < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --threads must be 1 or more");
        }
        if (!Files.isDirectory(models)) {
            throw new ParameterException(spec.commandLine(), "--models " + models + " is not a directory");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models, 1, 0, 1, threads == null ? defaults.threads() : threads, defaults.maxBundleBytes());
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println(BenchRow.header());
        }
        try {
            new RooflineBench(config, model, rounds).run(row -> {
                out.println(json ? row.toJson() : row.toText());
                out.flush();
            });
            return 0;
        } catch (EngineException refused) {
            spec.commandLine().getErr().println(refused.reason() + ": " + refused.getMessage());
            return 1;
        }
    }
}
