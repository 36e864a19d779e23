package io.scanline.server;

import io.scanline.server.engine.LookConfig;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Flags of models that look at images and texts; the limit of texts holds for those that are drawn, too. */
final class LookOptions {
    @Option(names = "--max-picture-bytes", paramLabel = "N", defaultValue = "4194304",
            description = "Bytes of a picture file to embed or classify. Default: ${DEFAULT-VALUE}.")
    private int maxPictureBytes;

    @Option(names = "--max-picture-pixels", paramLabel = "N", defaultValue = "16000000",
            description = "Pixels of such a picture, told by its header before it is decoded."
                    + " Default: ${DEFAULT-VALUE}.")
    private int maxPicturePixels;

    @Option(names = "--max-text-characters", paramLabel = "N", defaultValue = "10000",
            description = "Characters of a text to embed, or of a prompt. Default: ${DEFAULT-VALUE}.")
    private int maxTextCharacters;

    @Option(names = "--max-inputs", paramLabel = "N", defaultValue = "64",
            description = "Inputs of one request to embed or classify. Default: ${DEFAULT-VALUE}.")
    private int maxInputs;

    @Option(names = "--max-candidates", paramLabel = "N", defaultValue = "256",
            description = "Candidates of one request to rank, and class names of one to classify."
                    + " Default: ${DEFAULT-VALUE}.")
    private int maxCandidates;

    @Option(names = "--max-lookups", paramLabel = "N", defaultValue = "8192",
            description = "Inputs of one model that may be at hand, texts of class names included."
                    + " Default: ${DEFAULT-VALUE}.")
    private int maxLookups;

    @Option(names = "--embedding-cache-bytes", paramLabel = "N", defaultValue = "67108864",
            description = "Memory for vectors and logits that are kept, of all models; 0: none."
                    + " Default: ${DEFAULT-VALUE}.")
    private long cacheBytes;

    /** @throws ParameterException when a value is out of its range */
    LookConfig config(CommandLine command) {
        try {
            return new LookConfig(
                    maxPictureBytes, maxPicturePixels, maxTextCharacters, maxInputs, maxCandidates, maxLookups,
                    cacheBytes);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(command, wrong.getMessage(), wrong);
        }
    }
}
