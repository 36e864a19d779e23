package io.scanline.cli;

import com.google.protobuf.ByteString;
import io.scanline.v1.GenerateRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "generate", description = "Make images and draw them while they grow.", sortOptions = false)
final class GenerateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private GenerationOptions options;

    @Option(
            names = "--prefix",
            paramLabel = "FILE",
            description = "First values of every image, one byte each in generation order: level indices, or codes where "
                    + "the model draws codes.")
    private Path prefix;

    @Mixin
    private HoldOption hold;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ConnectionOptions connectionOptions;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        output.check();
        ByteString given = prefix == null ? ByteString.EMPTY : ByteString.copyFrom(Files.readAllBytes(prefix));
        GenerateRequest.Builder request = options.request(given).toBuilder();
        hold.apply(request);
        try (Connection connection = connectionOptions.open()) {
            return new GenerationRun(console, connectionOptions, output).run(connection, request.build());
        }
    }
}
