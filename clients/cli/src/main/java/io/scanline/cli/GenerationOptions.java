package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.v1.BestOf;
import io.scanline.v1.Cadence;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.Priority;
import io.scanline.v1.Sampling;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is to be made. Ranges are left to the server, which knows them and names the field. */
final class GenerationOptions {
    private static final Map<String, CadenceMode> CADENCES = Map.of(
            "pixel", CadenceMode.CADENCE_MODE_PIXEL,
            "row", CadenceMode.CADENCE_MODE_ROW,
            "interval", CadenceMode.CADENCE_MODE_INTERVAL,
            "percent", CadenceMode.CADENCE_MODE_PERCENT,
            "preview", CadenceMode.CADENCE_MODE_PREVIEW,
            "final", CadenceMode.CADENCE_MODE_FINAL);

    private static final Map<String, Priority> PRIORITIES = Map.of(
            "low", Priority.PRIORITY_LOW,
            "normal", Priority.PRIORITY_NORMAL,
            "high", Priority.PRIORITY_HIGH);

    @Mixin
    private ModelOptions model;

    @Mixin
    private PromptOptions prompt;

    @Mixin
    private PrecisionOption precision;

    @Option(names = "--seed", paramLabel = "N", description = "Same seed, same image; without it the server draws one.")
    private String seed;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of images (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Below 1 likelier images, above 1 wilder ones, 0 always the likeliest value (default: 1).")
    private Float temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest levels only.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the likeliest levels up to probability P only.")
    private Float topP;

    @Option(
            names = "--cadence",
            paramLabel = "WHEN",
            defaultValue = "pixel",
            description = "When the server sends: pixel, row, interval, percent, preview or final (default: "
                    + "${DEFAULT-VALUE}).")
    private String cadence;

    @Option(
            names = "--interval-ms",
            paramLabel = "N",
            defaultValue = "0",
            description = "Milliseconds between messages with --cadence interval or preview; 0: the server's choice.")
    private int intervalMillis;

    @Option(
            names = "--priority",
            paramLabel = "HOW",
            description = "Whose turn comes first when several wait: low, normal or high (default: normal).")
    private String priority;

    @Option(
            names = "--percent",
            paramLabel = "P",
            defaultValue = "0",
            description = "Percent of an image between messages with --cadence percent; 0: the server's choice.")
    private float percent;

    @Option(
            names = "--best-of",
            paramLabel = "K",
            description = "Draw K images and keep the --count likeliest; those that fall behind are given up early.")
    private Integer bestOf;

    @Option(
            names = "--margin",
            paramLabel = "NATS",
            description = "How far behind an image may be before it is given up, with --best-of (default: 0).")
    private Float margin;

    ModelOptions model() {
        return model;
    }

    /**
     * The request.
     *
     * @param prefix first values of every image
     */
    GenerateRequest request(ByteString prefix) throws CommandFailure {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setModel(model.selector())
                .setCount(notNegative("--count", bestOf == null ? count : bestOf))
                .setSampling(sampling(temperature, topK, topP))
                .setPrefix(prefix)
                .setCadence(cadence());
        model.label().ifPresent(request::setLabel);
        prompt.apply(request);
        precision.apply(request);
        if (priority != null) {
            request.setPriority(priority(priority));
        }
        if (seed != null) {
            request.setSeed(seed(seed));
        }
        if (bestOf != null) {
            request.setBestOf(bestOf());
        } else if (margin != null) {
            throw CommandFailure.badArgument("--margin is about --best-of, which is missing");
        }
        return request.build();
    }

    private BestOf bestOf() throws CommandFailure {
        if (count < 1 || count > bestOf) {
            throw CommandFailure.badArgument(
                    "--count is how many of --best-of " + bestOf + " images are kept: 1 to " + bestOf + ", not "
                            + count);
        }
        BestOf.Builder rule = BestOf.newBuilder().setKeep(count);
        if (margin != null) {
            rule.setMarginNats(margin);
        }
        return rule.build();
    }

    /** How to draw; null: as the server does unless told. */
    static Sampling sampling(Float temperature, Integer topK, Float topP) throws CommandFailure {
        Sampling.Builder sampling = Sampling.newBuilder();
        if (temperature != null) {
            sampling.setTemperature(temperature);
        }
        if (topK != null) {
            sampling.setTopK(notNegative("--top-k", topK));
        }
        if (topP != null) {
            sampling.setTopP(topP);
        }
        return sampling.build();
    }

    private static Priority priority(String given) throws CommandFailure {
        Priority known = PRIORITIES.get(given.toLowerCase(Locale.ROOT));
        if (known == null) {
            throw CommandFailure.badArgument("--priority must be low, normal or high, not " + given);
        }
        return known;
    }

    private Cadence cadence() throws CommandFailure {
        CadenceMode mode = CADENCES.get(cadence.toLowerCase(Locale.ROOT));
        if (mode == null) {
            throw CommandFailure.badArgument(
                    "--cadence must be pixel, row, interval, percent, preview or final, not " + cadence);
        }
        return Cadence.newBuilder()
                .setMode(mode)
                .setIntervalMs(notNegative("--interval-ms", intervalMillis))
                .setPercent(percent)
                .build();
    }

    /** Any 64-bit value, with or without a sign. */
    static long seed(String given) throws CommandFailure {
        try {
            return given.startsWith("-") ? Long.parseLong(given) : Long.parseUnsignedLong(given);
        } catch (NumberFormatException e) {
            throw CommandFailure.badArgument("--seed must be a whole number of 64 bits, not " + given);
        }
    }

    /** The wire has no sign: a negative number would arrive as one above two thousand million. */
    static int notNegative(String option, int value) throws CommandFailure {
        if (value < 0) {
            throw CommandFailure.badArgument(option + " must not be negative");
        }
        return value;
    }
}
