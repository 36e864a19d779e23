package io.scanline.server.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench embed}: look-ups through the engine against runs of the bare graph. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        description = "Measures look-ups of images, new ones and cached ones, against runs of the bare image encoder.")
public final class EmbedBenchCommand implements Callable<Integer> {
    @Mixin
    private BenchOptions options;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that embeds if left out.")
    private String model;

    @Option(names = "--rounds", defaultValue = "11",
            description = "Times that both sides take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--requests", defaultValue = "50", description = "Requests of one turn (${DEFAULT-VALUE}).")
    private int requests;

    @Override
    public Integer call() throws Exception {
        options.check(rounds >= 1 && requests >= 1, "--rounds, --requests and --threads must be 1 or more");
        return options.print(rows ->
                new EmbedBench(options.config(), rounds, requests).run(model).forEach(rows));
    }
}
