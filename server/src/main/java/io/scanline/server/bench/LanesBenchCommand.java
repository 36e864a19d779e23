package io.scanline.server.bench;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench lanes}: what models on one machine leave each other. */
@Command(
        name = "lanes",
        mixinStandardHelpOptions = true,
        description = "Measures two saturated models beside each other, and encoding beside them.")
public final class LanesBenchCommand implements Callable<Integer> {
    @Mixin
    private BenchOptions options;

    @Option(names = "--drawing", split = ",", defaultValue = "row-lstm-mnist,fashion-pixels",
            description = "Two models that draw values (${DEFAULT-VALUE}).")
    private List<String> drawing;

    @Option(names = "--encoder", defaultValue = "ae-mnist", description = "A model with an encoder (${DEFAULT-VALUE}).")
    private String encoder;

    @Option(names = "--slots", defaultValue = "16", description = "Slots of every model (${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--seconds", defaultValue = "2", description = "Of every condition in a round (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--rounds", defaultValue = "5", description = "Times that all take turns (${DEFAULT-VALUE}).")
    private int rounds;

    @Override
    public Integer call() throws Exception {
        options.check(
                seconds > 0 && seconds <= 3600 && rounds >= 1 && slots >= 1 && slots <= 1024 && drawing.size() == 2,
                "--drawing names two models; --rounds and --threads are 1 or more, --slots 1 to 1024, --seconds"
                        + " above 0 and at most 3600");
        return options.print(rows ->
                new LanesBench(options.config(slots, 2 * slots, slots), drawing, encoder, seconds, rounds).run(rows));
    }
}
