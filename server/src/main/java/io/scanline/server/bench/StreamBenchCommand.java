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

/** {@code bench stream}: gRPC over loopback against the engine in process, and what a slow reader costs others. */
@Command(
        name = "stream",
        mixinStandardHelpOptions = true,
        description = "Measures pixels per second over gRPC, one message a pixel, against the engine in process.")
public final class StreamBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--threads", description = "Threads that compute a step; all processors if left out.")
    private Integer threads;

    @Option(names = "--streams", defaultValue = "16", description = "Streams at once (${DEFAULT-VALUE}).")
    private int streams;

    @Option(names = "--rounds", defaultValue = "7",
            description = "Times that both sides take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (rounds < 1 || streams < 2 || streams > 1000 || threads != null && threads < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--rounds and --threads must be 1 or more, --streams 2 to 1000");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models,
                streams,
                defaults.maxQueuedImages(),
                defaults.maxImagesPerRequest(),
                threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        List<BenchRow> rows = new StreamBench(config, model, streams, rounds).run();
        if (!json) {
            spec.commandLine().getOut().println(BenchRow.header());
        }
        for (BenchRow row : rows) {
            spec.commandLine().getOut().println(json ? row.toJson() : row.toText());
        }
        return 0;
    }
}
