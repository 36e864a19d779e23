package io.scanline.server.bench;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench load}: what users wait for who come at times of their own. */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Measures the time to the first pixel and between pixels under load, against static batches.")
public final class LoadBenchCommand implements Callable<Integer> {
    /** Users who are turned away would not be counted. */
    private static final int MOST_WAITING = 1 << 16;

    @Mixin
    private BenchOptions options;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(names = "--slots", defaultValue = "16", description = "Slots of the model (${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--seconds", defaultValue = "4",
            description = "In which users come, for every load, side and round (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "3", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--only-throughput", description = "Only what all slots make over what one makes.")
    private boolean onlyThroughput;

    @Override
    public Integer call() throws Exception {
        options.check(
                seconds > 0 && seconds <= 3600 && rounds >= 1 && slots >= 1 && slots <= 1024,
                "--rounds and --threads are 1 or more, --slots 1 to 1024, --seconds above 0 and at most 3600");
        LoadBench bench = new LoadBench(options.config(slots, MOST_WAITING, slots), model, seconds, rounds);
        return options.print(onlyThroughput ? bench::runThroughput : bench::run);
    }
}
