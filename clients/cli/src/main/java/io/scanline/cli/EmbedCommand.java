package io.scanline.cli;

import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.EmbedRequest;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.Embedding;
import io.scanline.v1.EmbeddingServiceGrpc;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "embed",
        description = "Tell the vectors of pictures and texts: one a line, first those of the pictures.",
        sortOptions = false)
final class EmbedCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelName model;

    @Option(
            names = "--image",
            paramLabel = "FILE",
            description = "A PNG, JPEG, WebP or GIF of any size. Repeatable.")
    private List<Path> images = List.of();

    @Option(names = "--text", paramLabel = "TEXT", description = "A text. Repeatable.")
    private List<String> texts = List.of();

    @Option(names = "--json", description = "Print the answer as one JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    EmbedCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        if (images.isEmpty() && texts.isEmpty()) {
            throw CommandFailure.badArgument("nothing to embed: give --image FILE or --text TEXT");
        }
        EmbedRequest request = EmbedRequest.newBuilder()
                .setModel(model.selector())
                .addAllInputs(LookInputs.all(images, texts))
                .build();
        try (Connection connection = connectionOptions.open()) {
            EmbedResponse response = connectionOptions
                    .withDeadline(EmbeddingServiceGrpc.newBlockingStub(connection.channel()))
                    .embed(request);
            if (json) {
                new EventPrinter(console.out()).print(response);
            } else {
                response.getEmbeddingsList().forEach(vector -> console.out().print(line(vector) + "\n"));
            }
            return 0;
        }
    }

    private static String line(Embedding vector) {
        return vector.getValuesList().stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
