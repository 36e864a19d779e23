package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.CaptionFinished;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionServiceGrpc;
import io.scanline.v1.CaptionToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "caption",
        description = "Say in words what a picture shows, word by word as they come.",
        sortOptions = false)
final class CaptionCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelName model;

    @Parameters(paramLabel = "PICTURE", description = "PNG, JPEG, WebP or GIF of any size.")
    private Path picture;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "Draw the words: below 1 likelier ones, above 1 wilder ones. Default: always the likeliest.")
    private Float temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw from the K likeliest words only.")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw from the likeliest words up to probability P only.")
    private Float topP;

    @Option(names = "--seed", paramLabel = "N", description = "Same seed, same words; without it the server draws one.")
    private String seed;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "0",
            description = "Most words, or parts of words; 0: as many as the model holds. Default: ${DEFAULT-VALUE}.")
    private int maxTokens;

    @Option(names = "--json", description = "Print every event as one JSON object a line, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    CaptionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        CaptionRequest request = request();
        try (Connection connection = connectionOptions.open()) {
            Iterator<CaptionResponse> events = connectionOptions
                    .withDeadline(CaptionServiceGrpc.newBlockingStub(connection.channel()))
                    .caption(request);
            boolean begun = false;
            try {
                StringBuilder text = new StringBuilder();
                while (events.hasNext()) {
                    CaptionResponse event = events.next();
                    if (json) {
                        new EventPrinter(console.out()).print(event);
                    }
                    if (event.hasToken()) {
                        begun = true;
                        say(event.getToken(), text);
                    } else if (event.hasFinished()) {
                        check(event.getFinished(), text);
                        return 0;
                    }
                }
                throw CommandFailure.failed("the caption broke off");
            } finally {
                if (begun && !json) {
                    console.out().print("\n");
                }
            }
        }
    }

    private CaptionRequest request() throws CommandFailure, IOException {
        CaptionRequest.Builder request = CaptionRequest.newBuilder()
                .setModel(model.selector())
                .setPicture(ByteString.copyFrom(Files.readAllBytes(picture)))
                .setSampling(GenerationOptions.sampling(temperature, topK, topP))
                .setMaxTokens(GenerationOptions.notNegative("--max-tokens", maxTokens));
        if (seed != null) {
            request.setSeed(GenerationOptions.seed(seed));
        }
        return request.build();
    }

    /** Shows a token, and lets a pipe have it at once. */
    private void say(CaptionToken token, StringBuilder text) throws IOException {
        text.append(token.getText());
        if (!json) {
            console.out().print(PlainText.line(token.getText()));
            if (console.out().checkError()) {
                throw new IOException("standard output is closed");
            }
        }
    }

    private static void check(CaptionFinished finished, StringBuilder text) throws CommandFailure {
        if (!finished.getText().contentEquals(text)) {
            throw CommandFailure.failed("the words that came are not the caption that the server says it sent");
        }
    }
}
