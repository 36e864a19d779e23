package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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

    @Option(
            names = "--seconds",
            defaultValue = "2",
            description = "Whole images are made until the engine has worked this long in a row (${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--prove",
            paramLabel = "N",
            description = "Measure nothing: answer N random requests with guessing and without, and compare the bytes.")
    private Integer prove;

    @Option(names = "--only-guessing", description = "Only the rows about guessing.")
    private boolean onlyGuessing;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        if (!(seconds > 0 && seconds <= 3600) || threads != null && threads < 1 || prove != null && prove < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--threads and --prove must be 1 or more, --seconds above 0 and at most 3600");
        }
        if (!Files.isDirectory(models)) {
            throw new ParameterException(spec.commandLine(), "--models " + models + " is not a directory");
        }
        EngineConfig defaults = EngineConfig.defaults(models);
        EngineConfig config = new EngineConfig(
                models,
                defaults.slots(),
                defaults.maxQueuedImages(),
                defaults.maxImagesPerRequest(),
                threads == null ? defaults.threads() : threads,
                defaults.maxBundleBytes());
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter notes = spec.commandLine().getErr();
        DecodeBench bench = new DecodeBench(config, model, seconds);
        try {
            if (prove != null) {
                bench.prove(prove, out::println);
                return 0;
            }
            if (!json) {
                out.println(BenchRow.header());
            }
            Consumer<BenchRow> rows = row -> {
                out.println(json ? row.toJson() : row.toText());
                out.flush();
            };
            if (!onlyGuessing) {
                bench.run(rows, notes::println);
            }
            bench.runGuessing(rows, notes::println);
            return 0;
        } catch (EngineException refused) {
            spec.commandLine().getErr().println(refused.reason() + ": " + refused.getMessage());
            return 1;
        }
    }
}
