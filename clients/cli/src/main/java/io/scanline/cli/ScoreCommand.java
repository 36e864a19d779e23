package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageScore;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.ScoreRequest;
import io.scanline.v1.ScoreResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "score", description = "Tell how likely pictures are under a model.", sortOptions = false)
final class ScoreCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelOptions model;

    @Parameters(
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "PNGs of the size of the model's images; values become the nearest levels of the model.")
    private List<Path> images;

    @Option(names = "--prompt", paramLabel = "TEXT", description = "Given which text, of a model that reads texts.")
    private String prompt;

    @Mixin
    private PrecisionOption precision;

    @Option(
            names = "--importance-samples",
            paramLabel = "K",
            description = "Latents that a bound is computed with, for models without an exact likelihood (default: 1).")
    private Integer importanceSamples;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0",
            description = "Seed of those latents (default: ${DEFAULT-VALUE}).")
    private String seed;

    @Option(names = "--json", description = "Print the answer as one JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    ScoreCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        ScoreRequest.Builder request = ScoreRequest.newBuilder()
                .setModel(model.selector())
                .setSeed(GenerationOptions.seed(seed));
        if (importanceSamples != null) {
            request.setImportanceSamples(GenerationOptions.notNegative("--importance-samples", importanceSamples));
        }
        if (prompt != null) {
            request.setPrompt(prompt);
        }
        precision.apply(request);
        try (Connection connection = connectionOptions.open()) {
            Geometry geometry =
                    ModelLookup.serving(connection, connectionOptions, model.selector()).getGeometry();
            model.label().ifPresent(request::setLabel);
            for (Path image : images) {
                request.addImages(ByteString.copyFrom(LevelImages.readWhole(image, geometry)));
            }
            ScoreResponse response = connectionOptions
                    .withDeadline(GenerationServiceGrpc.newBlockingStub(connection.channel()))
                    .score(request.build());
            if (response.getScoresCount() != images.size()) {
                throw CommandFailure.failed(
                        "the server scored " + response.getScoresCount() + " images of " + images.size());
            }
            if (json) {
                new EventPrinter(console.out()).print(response);
            } else {
                printTable(response);
            }
            return 0;
        }
    }

    private void printTable(ScoreResponse response) {
        console.out().print("        NATS   BITS/DIM  KIND         IMAGE\n");
        for (int i = 0; i < images.size(); i++) {
            ImageScore score = response.getScores(i);
            console.out().print(String.format(
                    Locale.ROOT,
                    "%12.3f %10.4f  %-11s  %s\n",
                    score.getLogLikelihoodNats(),
                    score.getBitsPerDim(),
                    kind(score.getKind()),
                    images.get(i)));
        }
    }

    private static String kind(LikelihoodKind kind) {
        return switch (kind) {
            case LIKELIHOOD_KIND_EXACT -> "exact";
            case LIKELIHOOD_KIND_LOWER_BOUND -> "lower bound";
            case LIKELIHOOD_KIND_CODES -> "codes";
            default -> "unknown";
        };
    }
}
