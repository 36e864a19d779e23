package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench lanes}: what models on one machine leave each other. */
@Command(
        name = "lanes",
        mixinStandardHelpOptions = true,
        description = "Measures two saturated models beside each other, and encoding beside them.")
public final class LanesBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--drawing", split = ",", defaultValue = "row-lstm-mnist,fashion-pixels",
            description = "Two models that draw values (${DEFAULT-VALUE}).")
    private List<String> drawing;

    @Option(names = "--encoder", defaultValue = "ae-mnist", description = "A model with an encoder (${DEFAULT-VALUE}).")
    private String encoder;

    @Option(names = "--slots", defaultValue = "16", description = "Slots of every model (${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--threads", description = "Threads that compute a step; all processors if left out.")
    private Integer threads;

    @Option(names = "--seconds", defaultValue = "2", description = "Of every condition in a round (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "5", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0 && seconds <= 3600) || rounds < 1 || slots < 1 || slots > 1024
                || threads != null && threads < 1 || drawing.size() != 2) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--drawing names two models; --rounds and --threads are 1 or more, --slots 1 to 1024, --seconds"
                            + " above 0 and at most 3600");
        }
        if (!Files.isDirectory(models)) {
            throw new ParameterException(spec.commandLine(), "--models " + models + " is not a directory");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models, slots, 2 * slots, slots, threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println(BenchRow.header());
        }
        try {
            new LanesBench(config, drawing, encoder, seconds, rounds).run(row -> {
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
