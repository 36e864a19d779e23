package io.scanline.server.bench;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench soak}: a server at saturation, and whether anything is lost or left behind. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        description = {
            "Lets users read, cancel, resume, fork, steer and be slow at saturation over gRPC, and compares every image"
                    + " with the same one drawn alone.",
            "Exit code 1 when a value is lost, repeated or another one, or when memory or threads are left behind."
        })
public final class SoakBenchCommand implements Callable<Integer> {
    private static final double MINUTE = 60;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BenchOptions options;

    @Option(names = "--model", split = ",", paramLabel = "NAME",
            description = "Models that draw values without texts; all that serve if left out.")
    private List<String> models = List.of();

    @Option(names = "--minutes", defaultValue = "1", description = "How long (${DEFAULT-VALUE}).")
    private double minutes;

    @Option(names = "--streams", defaultValue = "48", description = "Users at once (${DEFAULT-VALUE}).")
    private int streams;

    @Option(names = "--slots", defaultValue = "16", description = "Slots of a model (${DEFAULT-VALUE}).")
    private int slots;

    @Option(names = "--intervals", defaultValue = "10",
            description = "Times that it is told how things are (${DEFAULT-VALUE}).")
    private int intervals;

    @Override
    public Integer call() throws Exception {
        options.check(
                minutes > 0 && minutes <= 10_000 && streams >= 1 && streams <= 1000 && slots >= 1 && slots <= 1024
                        && intervals >= 1,
                "--minutes above 0 and at most 10000, --streams 1 to 1000, --slots 1 to 1024, --intervals and "
                        + "--threads 1 or more");
        PrintWriter notes = spec.commandLine().getErr();
        // Each user has two images at most.
        SoakBench soak = new SoakBench(
                options.config(slots, 2 * streams, 1), models, streams, minutes * MINUTE, intervals);
        boolean[] sound = new boolean[1];
        int printed = options.print(rows -> sound[0] = soak.run(rows, note -> {
            notes.println(note);
            notes.flush();
        }));
        return sound[0] ? printed : 1;
    }
}
