package io.scanline.server.bench;

import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all measurements are told of the engine and of how they print. */
final class BenchOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--models", defaultValue = "deploy/models", description = "Model repository (${DEFAULT-VALUE}).")
    private Path models;

    @Option(names = "--threads", description = "Threads that compute a step or a run; all processors if left out.")
    private Integer threads;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    /** A measurement. */
    interface Measurement {
        /** @param rows takes every row as soon as it is measured */
        void run(Consumer<BenchRow> rows) throws Exception;
    }

    /**
     * Refuses arguments.
     *
     * @param sound whether those of the command itself make sense
     * @param wanted says what they must be
     */
    void check(boolean sound, String wanted) {
        if (!sound || threads != null && threads < 1) {
            throw new ParameterException(command.commandLine(), wanted);
        }
        if (!Files.isDirectory(models)) {
            throw new ParameterException(command.commandLine(), "--models " + models + " is not a directory");
        }
    }

    /** The engine as it is served, with so many slots. */
    EngineConfig config(int slots) {
        EngineConfig defaults = EngineConfig.defaults(models);
        return config(slots, defaults.maxQueuedImages(), defaults.maxImagesPerRequest());
    }

    /** The engine with so many slots, waiting images and images of a request. */
    EngineConfig config(int slots, int queued, int images) {
        EngineConfig defaults = EngineConfig.defaults(models);
        int computing = threads == null ? defaults.threads() : threads;
        return new EngineConfig(models, slots, queued, images, computing, defaults.maxBundleBytes());
    }

    /** The engine as it is served. */
    EngineConfig config() {
        return config(EngineConfig.defaults(models).slots());
    }

    /** Prints the rows of a measurement; returns the exit code. */
    int print(Measurement measurement) throws Exception {
        PrintWriter out = command.commandLine().getOut();
        if (!json) {
            out.println(BenchRow.header());
        }
        return answer(() -> measurement.run(row -> {
            out.println(json ? row.toJson() : row.toText());
            out.flush();
        }));
    }

    /** Does something with the engine; returns the exit code. */
    int answer(Work work) throws Exception {
        try {
            work.run();
            return 0;
        } catch (EngineException refused) {
            command.commandLine().getErr().println(refused.reason() + ": " + refused.getMessage());
            return 1;
        }
    }

    /** What may be refused by the engine. */
    interface Work {
        void run() throws Exception;
    }
}
