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

/** {@code bench load}: what users wait for who come at times of their own. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Measures the time to the first pixel and between pixels under load, against static batches.")
public final class LoadBenchCommand implements Callable<Integer> {
    /** Users who are turned away would not be counted. */
    private static final int MOST_WAITING = 1 << 16;

    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--slots", defaultValue = "16", description = "Slots of the model (${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--threads", description = "Threads that compute a step; all processors if left out.")
    private Integer threads;

    @Option(names = "--seconds", defaultValue = "4",
            description = "In which users come, for every load, side and round (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0 && seconds <= 3600) || rounds < 1 || slots < 1 || slots > 1024
                || threads != null && threads < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--rounds and --threads are 1 or more, --slots 1 to 1024, --seconds above 0 and at most 3600");
        }
        if (!Files.isDirectory(models)) {
            throw new ParameterException(spec.commandLine(), "--models " + models + " is not a directory");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models, slots, MOST_WAITING, slots, threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println(BenchRow.header());
        }
        try {
            new LoadBench(config, model, seconds, rounds).run(row -> {
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
