package io.scanline.cli;

import io.scanline.v1.CancelRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "cancel", description = "Give up images that the server makes or holds.", sortOptions = false)
final class CancelCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ID", description = "The generation, as 'scanline generate --hold' printed it.")
    private String id;

    @Option(names = "--image", paramLabel = "I", description = "Only this image, counted from 0 (default: all).")
    private Integer image;

    @Mixin
    private ConnectionOptions connectionOptions;

    CancelCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws CommandFailure {
        CancelRequest.Builder request = CancelRequest.newBuilder().setGenerationId(id);
        if (image != null) {
            request.setImageIndex(GenerationOptions.notNegative("--image", image));
        }
        try (Connection connection = connectionOptions.open()) {
            int images = new GenerationCalls(connection, connectionOptions).cancel(request.build());
            console.out().print("gave up " + images + (images == 1 ? " image\n" : " images\n"));
            return 0;
        }
    }
}
