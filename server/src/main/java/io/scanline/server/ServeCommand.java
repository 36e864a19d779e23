package io.scanline.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.GuessMode;
import io.scanline.server.engine.HoldLimits;
import io.scanline.server.engine.LookConfig;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.PrecisionChoice;
import io.scanline.server.engine.Scheduling;
import io.scanline.server.runtime.Device;
import io.scanline.server.runtime.DeviceCheck;
import io.scanline.server.transport.PortSettings;
import io.scanline.server.transport.ScanlineServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Serves a model repository until it is told to stop. */
@Command(
        name = "serve",
        description = "Serves the models of a repository over gRPC, gRPC-Web and a page.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Every flag can be set as environment variable (--web-port: SCANLINE_WEB_PORT) or in the --config file",
            "(web-port = 8080); the command line counts most, then the environment.",
            "Prints 'ready grpc=PORT web=PORT admin=PORT models=N' when it can answer; N models serve.",
            "SIGTERM: refuses new requests, finishes those at hand and exits with 0, or with 1 if time ran out."
        })
final class ServeCommand implements Callable<Integer> {
    @Option(names = "--models", paramLabel = "DIR", defaultValue = "deploy/models",
            description = "Model repository: holds bundles as NAME/VERSION. Default: ${DEFAULT-VALUE}.")
    private Path models;

    @Option(names = "--host", paramLabel = "ADDRESS", defaultValue = "0.0.0.0",
            description = "Address of the gRPC and the web port. Default: ${DEFAULT-VALUE}.")
    private String host;

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "50051",
            description = "gRPC port; 0: any free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--web-port", paramLabel = "PORT", defaultValue = "8080",
            description = "Port of the page, gRPC-Web, /metrics, /healthz; 0: any free one. Default: ${DEFAULT-VALUE}.")
    private int webPort;

    @Option(names = "--admin-port", paramLabel = "PORT", defaultValue = "50052",
            description = "Port of channelz, on the loopback address only; 0: any free one. Default: ${DEFAULT-VALUE}.")
    private int adminPort;

    @Option(names = "--device", paramLabel = "auto|cpu|cuda:N", defaultValue = "auto",
            description = "Where models run. cuda:N: graphs that decide several values in a run (fp16, which is then"
                    + " what a request that says nothing gets), steps without keys and values, encoders, decoders,"
                    + " embedders and classifiers run on that GPU, the rest on the CPU. auto: cuda:0 where this server is built with"
                    + " CUDA and the GPU opens, otherwise cpu. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(names = "--chunk", paramLabel = "N", defaultValue = "16",
            description = "Values of an image that one run decides in fp16, 1 to 256. Servers that continue each other's"
                    + " images must have the same: sums are rounded otherwise with another. Default: ${DEFAULT-VALUE}.")
    private int chunk;

    @Option(names = "--slots", paramLabel = "N", defaultValue = "64",
            description = "Images that one model makes at once. Default: ${DEFAULT-VALUE}.")
    private int slots;

    @Option(names = "--max-queue", paramLabel = "N", defaultValue = "64",
            description = "Images that may wait for a slot of one model. Default: ${DEFAULT-VALUE}.")
    private int maxQueue;

    @Option(names = "--max-queue-per-client", paramLabel = "N", defaultValue = "48",
            description = "Images of one client that may wait for a slot of one model. Default: ${DEFAULT-VALUE}.")
    private int maxQueuePerClient;

    @Option(names = "--client-weights", paramLabel = "NAME=N", split = ",",
            description = "Shares of clients among those who wait, 1 to 1000, as NAME=N,NAME=N. A client is named by"
                    + " the header scanline-client, or else by its address. Default: 1 each.")
    private Map<String, Integer> clientWeights = Map.of();

    @Option(names = "--overtakes", paramLabel = "N", defaultValue = "32",
            description = "Slots in a row that more urgent requests may get before a less urgent one that waits."
                    + " Default: ${DEFAULT-VALUE}.")
    private int overtakes;

    @Option(names = "--max-count", paramLabel = "N", defaultValue = "16",
            description = "Images of one request. Default: ${DEFAULT-VALUE}.")
    private int maxCount;

    @Option(names = "--max-importance-samples", paramLabel = "N", defaultValue = "64",
            description = "Latents that a bound on a likelihood may be computed with. Default: ${DEFAULT-VALUE}.")
    private int maxImportanceSamples;

    @Option(names = "--max-frames", paramLabel = "N", defaultValue = "256",
            description = "Frames of one interpolation. Default: ${DEFAULT-VALUE}.")
    private int maxFrames;

    @Mixin
    private LookOptions looking;
    @Option(names = "--max-hold-ms", paramLabel = "N", defaultValue = "600000",
            description = "Milliseconds that a request may have its generation kept for after its stream broke. "
                    + "Default: ${DEFAULT-VALUE}.")
    private long maxHoldMillis;

    @Option(names = "--max-held-bytes", paramLabel = "N", defaultValue = "67108864",
            description = "Memory of all generations that may be held, counted from their admission on. "
                    + "Default: ${DEFAULT-VALUE}.")
    private long maxHeldBytes;

    @Option(names = "--max-pause-ms", paramLabel = "N", defaultValue = "60000",
            description = "Milliseconds that a generation may be paused, all pauses together. Default: ${DEFAULT-VALUE}.")
    private long maxPauseMillis;

    @Option(names = "--threads", paramLabel = "N",
            description = "Threads that compute one step of one model. Default: one for every processor.")
    private Integer threads;

    @Option(names = "--guess", paramLabel = "auto|off|close", defaultValue = "auto",
            description = "auto: values are guessed, and several checked in one run, where that is faster and the images"
                    + " are the same. close: also where a value may differ about once in thousands of images, as with"
                    + " keys and values in fp32. Default: ${DEFAULT-VALUE}.")
    private String guess;

    @Option(names = "--precision", paramLabel = "[MODEL=]fp32|int8|fp16", split = ",",
            description = "Arithmetic of steps where a request says none: of every model that has it, or of one."
                    + " Repeatable. Default: fp32, and on CUDA fp16, which is loaded only where it is the one in use.")
    private List<String> precisions = List.of();

    @Option(names = "--gather-ms", paramLabel = "N", defaultValue = "" + PortSettings.GATHER_MILLIS,
            description = "Milliseconds for which values are gathered before they are sent while the server is busy"
                    + " sending; 0: every value at once, for more processor time. Default: ${DEFAULT-VALUE}.")
    private int gatherMillis;

    @Option(names = "--max-message-bytes", paramLabel = "N", defaultValue = "4194304",
            description = "Largest request message. Default: ${DEFAULT-VALUE}.")
    private int maxMessageBytes;

    @Option(names = "--max-bundle-bytes", paramLabel = "N", defaultValue = "268435456",
            description = "Largest bundle, all files together. Default: ${DEFAULT-VALUE}.")
    private long maxBundleBytes;

    @Option(names = "--drain-seconds", paramLabel = "N", defaultValue = "30",
            description = "Time for the requests at hand after SIGTERM. Default: ${DEFAULT-VALUE}.")
    private int drainSeconds;

    @Option(names = "--log-format", paramLabel = "json|text", defaultValue = "json",
            description = "Form of the log on stderr. Default: ${DEFAULT-VALUE}.")
    private LogFormat logFormat;

    @Option(names = "--config", paramLabel = "FILE", description = "Properties file with flags: NAME = VALUE.")
    private Path config;

    @Spec
    private CommandSpec spec;

    /** Forms of the log. */
    enum LogFormat {
        /** One JSON object a line. */
        json,
        /** For people. */
        text
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        EngineConfig engineConfig = checked();
        LookConfig lookConfig = looking.config(spec.commandLine());
        HoldLimits holdLimits = checkedHolds();
        // Nothing may make a logger before this line.
        LogConfiguration.choose(logFormat);
        Logger log = LoggerFactory.getLogger(ServeCommand.class);
        checkRepository(engineConfig);
        engineConfig = on(chosenDevice(log), engineConfig);

        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        JvmMeters.bindTo(registry);
        ScanlineServer.warmUp();
        DecodingEngine engine = DecodingEngine.open(engineConfig, lookConfig, registry);
        ScanlineServer server = open(engine, registry, holdLimits);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, engine, log), "drain"));

        long serving = engine.models().stream().filter(ModelInfo::serving).count();
        spec.commandLine().getOut().printf("ready grpc=%d web=%d admin=%d models=%d%n",
                server.grpcPort(), server.webPort(), server.adminPort(), serving);
        spec.commandLine().getOut().flush();
        new CountDownLatch(1).await();
        return 0;
    }

    private ScanlineServer open(DecodingEngine engine, PrometheusMeterRegistry registry, HoldLimits holdLimits)
            throws IOException {
        boolean opened = false;
        try {
            ScanlineServer server = new ScanlineServer(
                    engine,
                    registry,
                    new PortSettings(host, port, webPort, adminPort, maxMessageBytes, gatherMillis),
                    holdLimits);
            opened = true;
            return server;
        } finally {
            if (!opened) {
                engine.close();
            }
        }
    }

    private EngineConfig checked() {
        range("--port", port, 0, 65535);
        range("--web-port", webPort, 0, 65535);
        range("--admin-port", adminPort, 0, 65535);
        range("--gather-ms", gatherMillis, 0, 1000);
        range("--max-message-bytes", maxMessageBytes, 1, Integer.MAX_VALUE / 2);
        range("--drain-seconds", drainSeconds, 0, 86_400);
        if (!device.matches("auto|cpu|cuda:[0-9]{1,3}")) {
            throw bad("--device is auto, cpu or cuda:N, not " + device + ".");
        }
        range("--chunk", chunk, 1, EngineConfig.LONGEST_CHUNK);
        if (!guess.equals("auto") && !guess.equals("off") && !guess.equals("close")) {
            throw bad("--guess is auto, off or close, not " + guess + ".");
        }
        if (!Files.isDirectory(models)) {
            throw bad("--models " + models + " is not a directory.");
        }
        int stepThreads = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try {
            return new EngineConfig(models, slots, maxQueue, maxCount, stepThreads, maxBundleBytes,
                    maxImportanceSamples, maxFrames, new Scheduling(clientWeights, overtakes, maxQueuePerClient),
                    GuessMode.valueOf(guess.toUpperCase(Locale.ROOT)), checkedPrecisions(),
                    Device.CPU, chunk);
        } catch (IllegalArgumentException e) {
            throw bad(e.getMessage());
        }
    }

    /** Opens the device that was asked for, once there is a log: ONNX Runtime has something to say about it. */
    private Device chosenDevice(Logger log) {
        if (device.equals("cpu")) {
            return Device.CPU;
        }
        boolean auto = device.equals("auto");
        Device asked = Device.cuda(auto ? 0 : Integer.parseInt(device.substring("cuda:".length())));
        Optional<String> fault = DeviceCheck.fault(asked);
        if (fault.isPresent() && !auto) {
            throw bad("--device " + device + ": " + fault.get() + ". Build the server with -Pcuda and install CUDA 12"
                    + " and cuDNN 9 (README, CUDA), or use cpu.");
        }
        Device chosen = fault.isPresent() ? Device.CPU : asked;
        log.info("computing on {}{}", chosen, fault.map(why -> ": " + why).orElse(""));
        return chosen;
    }

    private EngineConfig on(Device chosen, EngineConfig config) {
        PrecisionChoice said = config.precisions();
        return config.on(chosen, chunk).preferring(chosen.isCpu() ? said : said.orElse(PrecisionChoice.FP16));
    }

    private PrecisionChoice checkedPrecisions() {
        try {
            return PrecisionChoice.of(precisions);
        } catch (IllegalArgumentException e) {
            throw bad("--precision: " + e.getMessage() + ".");
        }
    }

    /** Once there is a log, to which reading a repository may have something to say. */
    private void checkRepository(EngineConfig engineConfig) {
        try {
            engineConfig.precisions().check(models, maxBundleBytes);
        } catch (IllegalArgumentException e) {
            throw bad("--precision: " + e.getMessage() + ".");
        }
    }

    private HoldLimits checkedHolds() {
        try {
            return new HoldLimits(maxHeldBytes, maxHoldMillis, maxPauseMillis);
        } catch (IllegalArgumentException e) {
            throw bad(e.getMessage());
        }
    }

    private void range(String flag, int value, int least, int most) {
        if (value < least || value > most) {
            throw bad(flag + " is " + value + "; it must be " + least + " to " + most + ".");
        }
    }

    private ParameterException bad(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    private void stop(ScanlineServer server, DecodingEngine engine, Logger log) {
        int code = 1;
        try {
            log.info("draining, at most {} s", drainSeconds);
            boolean finished = server.drain(Duration.ofSeconds(drainSeconds));
            log.info(finished ? "drained" : "time ran out; cutting off what still runs");
            code = finished ? 0 : 1;
            engine.close();
            server.close();
        } catch (InterruptedException | RuntimeException e) {
            log.error("the drain failed", e);
        } finally {
            // Left alone, the virtual machine would report the signal (143) instead of the drain's success.
            Runtime.getRuntime().halt(code);
        }
    }
}
