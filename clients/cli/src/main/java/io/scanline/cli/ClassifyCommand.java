package io.scanline.cli;

import io.scanline.cli.stream.EventPrinter;
import io.scanline.v1.ClassProbability;
import io.scanline.v1.ClassifyRequest;
import io.scanline.v1.ClassifyResponse;
import io.scanline.v1.EmbeddingServiceGrpc;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "classify", description = "Tell the likeliest classes of pictures.", sortOptions = false)
final class ClassifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ModelName model;

    @Parameters(arity = "1..*", paramLabel = "PICTURE", description = "PNG, JPEG, WebP or GIF of any size.")
    private List<Path> pictures;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "A class to choose from, by comparing texts. Repeatable. Default: the model's own classes.")
    private List<String> names = List.of();

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            description = "Makes a text of a name, which {} stands for. Repeatable. Default: the model's own.")
    private List<String> templates = List.of();

    @Option(names = "--top", paramLabel = "N", defaultValue = "5",
            description = "Classes to tell of each picture; 0: all. Default: ${DEFAULT-VALUE}.")
    private int top;

    @Option(names = "--json", description = "Print the answer as one JSON object, and nothing else.")
    private boolean json;

    @Mixin
    private ConnectionOptions connectionOptions;

    ClassifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        ClassifyRequest request = ClassifyRequest.newBuilder()
                .setModel(model.selector())
                .addAllImages(LookInputs.all(pictures, List.of()))
                .addAllClassNames(names)
                .addAllTemplates(templates)
                .setTop(GenerationOptions.notNegative("--top", top))
                .build();
        try (Connection connection = connectionOptions.open()) {
            ClassifyResponse response = connectionOptions
                    .withDeadline(EmbeddingServiceGrpc.newBlockingStub(connection.channel()))
                    .classify(request);
            if (response.getClassificationsCount() != pictures.size()) {
                throw CommandFailure.failed("the server classified " + response.getClassificationsCount()
                        + " pictures of " + pictures.size());
            }
            if (json) {
                new EventPrinter(console.out()).print(response);
            } else {
                printTable(response);
            }
            return 0;
        }
    }

    private void printTable(ClassifyResponse response) {
        console.out().print("PROBABILITY  CLASS  PICTURE\n");
        for (int i = 0; i < pictures.size(); i++) {
            for (ClassProbability likely : response.getClassifications(i).getClassesList()) {
                console.out().print(String.format(
                        Locale.ROOT, "%11.4f  %s  %s\n", likely.getProbability(), PlainText.line(likely.getName()),
                        pictures.get(i)));
            }
        }
    }
}
