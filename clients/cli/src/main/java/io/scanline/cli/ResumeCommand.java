package io.scanline.cli;

import io.scanline.v1.ResumeRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "resume",
        description = "Take up images that the server holds, from their beginning, and draw them while they grow.",
        sortOptions = false)
final class ResumeCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "ID", description = "As 'scanline generate --hold' printed it.")
    private String id;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ConnectionOptions connectionOptions;

    ResumeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        output.check();
        ResumeRequest request = ResumeRequest.newBuilder().setGenerationId(id).setWhole(true).build();
        try (Connection connection = connectionOptions.open()) {
            return new GenerationRun(console, connectionOptions, output).run(connection, request);
        }
    }
}
