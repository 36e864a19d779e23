package io.scanline.cli;

import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.EmbeddingServiceGrpc;
import io.scanline.v1.RankRequest;
import io.scanline.v1.RankResponse;
import io.scanline.v1.RankedCandidate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rank",
        description = "Order pictures and texts by how well they fit a text or a picture, the best first.",
        sortOptions = false)
final class RankCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelName model;

    @Option(names = "--text", paramLabel = "TEXT", description = "The text that they should fit.")
    private String text;

    @Option(names = "--image", paramLabel = "FILE", description = "The picture that they should fit.")
    private Path image;

    @Parameters(
            arity = "0..*",
            paramLabel = "PICTURE",
            description = "Pictures to order: PNG, JPEG, WebP or GIF of any size.")
    private List<Path> pictures = List.of();

    @Option(names = "--candidate", paramLabel = "TEXT", description = "A text to order. Repeatable.")
    private List<String> candidates = List.of();

    @Option(names = "--json", description = "Print the answer as one JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    RankCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        if ((text == null) == (image == null)) {
            throw CommandFailure.badArgument("what should they fit? Give either --text TEXT or --image FILE");
        }
        if (pictures.isEmpty() && candidates.isEmpty()) {
            throw CommandFailure.badArgument("nothing to order: give pictures or --candidate TEXT");
        }
        RankRequest request = RankRequest.newBuilder()
                .setModel(model.selector())
                .setQuery(text == null ? LookInputs.picture(image) : LookInputs.text(text))
                .addAllCandidates(LookInputs.all(pictures, candidates))
                .build();
        try (Connection connection = connectionOptions.open()) {
            RankResponse response = connectionOptions
                    .withDeadline(EmbeddingServiceGrpc.newBlockingStub(connection.channel()))
                    .rank(request);
            if (json) {
                new EventPrinter(console.out()).print(response);
            } else {
                printTable(response);
            }
            return 0;
        }
    }

    private void printTable(RankResponse response) throws CommandFailure {
        List<String> names = new ArrayList<>();
        pictures.forEach(picture -> names.add(picture.toString()));
        names.addAll(candidates);
        console.out().print("  COSINE  PROBABILITY  CANDIDATE\n");
        for (RankedCandidate candidate : response.getCandidatesList()) {
            if (candidate.getIndex() < 0 || candidate.getIndex() >= names.size()) {
                throw CommandFailure.failed("the server names a candidate that it was not given");
            }
            console.out().print(String.format(
                    Locale.ROOT, "%8.4f  %11.4f  %s\n", candidate.getCosine(), candidate.getProbability(),
                    PlainText.line(names.get(candidate.getIndex()))));
        }
    }
}
