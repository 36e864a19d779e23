package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench decode}: the engine against a bare step loop and against decoding without a cache. */
@Command(
        name = "decode",
        mixinStandardHelpOptions = true,
        description = "Measures pixels per second of the engine against a bare ONNX Runtime loop of the same graph.")
public final class DecodeBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--threads", description = "Threads that compute a step; all processors if left out.")
    private Integer threads;

    @Option(names = "--rounds", defaultValue = "9", description = "Times that both sides take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "0.5",
            description = "Images are repeated until a turn takes about this long (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || !(seconds > 0 && seconds <= 3600) || threads != null && threads < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--rounds and --threads must be 1 or more, --seconds above 0 and at most 3600");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models,
                defaults.slots(),
                defaults.maxQueuedImages(),
                defaults.maxImagesPerRequest(),
                threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        var out = spec.commandLine().getOut();
        if (!json) {
            out.println(BenchRow.header());
        }
        new DecodeBench(config, model, rounds, seconds).run(row -> {
            out.println(json ? row.toJson() : row.toText());
            out.flush();
        });
        return 0;
    }
}
