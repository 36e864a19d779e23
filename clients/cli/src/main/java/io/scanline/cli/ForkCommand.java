package io.scanline.cli;

import io.scanline.v1.Fork;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.Sampling;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "fork",
        description = "Go on otherwise from the beginning of an image that the server makes or holds.",
        sortOptions = false)
final class ForkCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ID", description = "The generation, as 'scanline generate --hold' printed it.")
    private String id;

    @Option(
            names = "--image",
            paramLabel = "I",
            defaultValue = "0",
            description = "Which of its images, counted from 0 (default: ${DEFAULT-VALUE}).")
    private int image;

    @Option(
            names = "--steps",
            paramLabel = "K",
            required = true,
            description = "How many of its first values, or codes, are taken; they must have been drawn.")
    private int steps;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the rest; without it the server draws one.")
    private String seed;

    @Option(names = "--class", paramLabel = "C", description = "Name or index of another class (default: the same).")
    private String label;

    @Mixin
    private PromptOptions prompt;

    @Mixin
    private PrecisionOption precision;

    @Option(names = "--temperature", paramLabel = "T", description = "Temperature of the rest (default: 1).")
    private Float temperature;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Number of images (default: ${DEFAULT-VALUE}).")
    private int count;

    @Mixin
    private HoldOption hold;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ConnectionOptions connectionOptions;

    ForkCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        output.check();
        GenerateRequest request = request();
        try (Connection connection = connectionOptions.open()) {
            return new GenerationRun(console, connectionOptions, output).run(connection, request);
        }
    }

    private GenerateRequest request() throws CommandFailure {
        GenerateRequest.Builder request = GenerateRequest.newBuilder()
                .setCount(GenerationOptions.notNegative("--count", count))
                .setFork(Fork.newBuilder()
                        .setGenerationId(id)
                        .setImageIndex(GenerationOptions.notNegative("--image", image))
                        .setSteps(GenerationOptions.notNegative("--steps", steps)));
        if (seed != null) {
            request.setSeed(GenerationOptions.seed(seed));
        }
        if (label != null) {
            request.setLabel(ModelOptions.label(label));
        }
        if (temperature != null) {
            request.setSampling(Sampling.newBuilder().setTemperature(temperature));
        }
        prompt.apply(request);
        precision.apply(request);
        hold.apply(request);
        return request.build();
    }
}
