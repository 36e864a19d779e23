package io.scanline.server.bench;

import io.scanline.server.transport.PortSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench stream}: gRPC over loopback against the engine in process, and what a slow reader costs others. */
@Command(
        name = "stream",
        mixinStandardHelpOptions = true,
        description = "Measures pixels per second over gRPC, values as they are decided, against the engine in process.")
public final class StreamBenchCommand implements Callable<Integer> {
    @Mixin
    private BenchOptions options;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--streams", defaultValue = "16", description = "Streams at once (${DEFAULT-VALUE}).")
    private int streams;

    @Option(names = "--rounds", defaultValue = "7",
            description = "Times that both sides take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--gather-ms", defaultValue = "" + PortSettings.GATHER_MILLIS,
            description = "As of serve (${DEFAULT-VALUE}).")
    private int gatherMillis;

    @Override
    public Integer call() throws Exception {
        options.check(
                rounds >= 1 && streams >= 2 && streams <= 1000 && gatherMillis >= 0 && gatherMillis <= 1000,
                "--gather-ms must be 0 to 1000, --rounds and --threads must be 1 or more, --streams 2 to 1000");
        return options.print(rows ->
                new StreamBench(options.config(streams), model, streams, rounds, gatherMillis).run().forEach(rows));
    }
}
