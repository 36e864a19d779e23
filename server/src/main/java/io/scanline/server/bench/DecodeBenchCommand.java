package io.scanline.server.bench;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench decode}: the engine against a bare step loop and against decoding without a cache. */
@Command(
        name = "decode",
        mixinStandardHelpOptions = true,
        description = "Measures pixels per second of the engine against a bare ONNX Runtime loop of the same graph.")
public final class DecodeBenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BenchOptions options;

    @Option(names = "--model", defaultValue = "", description = "Name of the model; the first that serves if left out.")
    private String model;

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description = "Whole images are made until the engine has worked this long in a row (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--prove",
            paramLabel = "N",
            description = "Measure nothing: answer N random requests with guessing and without, in every precision of"
                    + " the model, and compare the bytes.")
    private Integer prove;

    @Option(names = "--only-guessing", description = "Only the rows about guessing.")
    private boolean onlyGuessing;

    @Option(names = "--only-precision", description = "Only the rows about steps in int8.")
    private boolean onlyPrecision;

    @Option(names = "--no-djl", description = "Not against the ONNX Runtime engine of the Deep Java Library.")
    private boolean withoutLibrary;

    @Override
    public Integer call() throws Exception {
        options.check(
                seconds > 0 && seconds <= 3600 && (prove == null || prove >= 1),
                "--threads and --prove must be 1 or more, --seconds above 0 and at most 3600");
        DecodeBench bench = new DecodeBench(options.config(), model, seconds, !withoutLibrary);
        PrintWriter out = spec.commandLine().getOut();
        if (prove != null) {
            return options.answer(() -> bench.prove(prove, out::println));
        }
        PrintWriter notes = spec.commandLine().getErr();
        return options.print(rows -> {
            if (!onlyGuessing && !onlyPrecision) {
                bench.run(rows, notes::println);
            }
            if (onlyPrecision || !onlyGuessing) {
                bench.runPrecisions(rows, notes::println);
            }
            if (onlyGuessing || !onlyPrecision) {
                bench.runGuessing(rows, notes::println);
            }
        });
    }
}
