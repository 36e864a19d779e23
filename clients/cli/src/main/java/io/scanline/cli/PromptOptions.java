package io.scanline.cli;

import io.scanline.v1.GenerateRequest;
import picocli.CommandLine.Option;

/** What a text says of the images. Whether the model reads texts, and in which range guidance is, the server knows. */
final class PromptOptions {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "What to draw, of a model that reads texts.")
    private String prompt;

    @Option(
            names = "--guidance",
            paramLabel = "G",
            description = "How strongly the text guides: 1 as the model learned it, more for images that show it more "
                    + "clearly at twice the work (default: as the model recommends).")
    private Float guidance;

    void apply(GenerateRequest.Builder request) {
        if (prompt != null) {
            request.setPrompt(prompt);
        }
        if (guidance != null) {
            request.setGuidance(guidance);
        }
    }
}
