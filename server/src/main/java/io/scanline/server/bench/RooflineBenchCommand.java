package io.scanline.server.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench roofline}: steps against what the machine could do at best. */
@Command(
        name = "roofline",
        mixinStandardHelpOptions = true,
        description = "Measures steps against measured memory bandwidth and arithmetic.")
public final class RooflineBenchCommand implements Callable<Integer> {
    @Mixin
    private BenchOptions options;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--rounds", defaultValue = "15", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    public Integer call() throws Exception {
        options.check(rounds >= 1, "--rounds and --threads must be 1 or more");
        return options.print(rows -> new RooflineBench(options.config(1, 0, 1), model, rounds).run(rows));
    }
}
