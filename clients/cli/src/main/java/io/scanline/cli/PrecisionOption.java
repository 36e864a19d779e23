package io.scanline.cli;

import io.scanline.v1.GenerateRequest;
import io.scanline.v1.ScoreRequest;
import picocli.CommandLine.Option;

/** Which arithmetic computes the steps. Which of them a model has, the server knows. */
final class PrecisionOption {
    @Option(
            names = "--precision",
            paramLabel = "P",
            description = "Arithmetic of the steps, as 'models' lists them: the same request draws other values with "
                    + "another one (default: the server's choice; of a fork that of the other generation).")
    private String precision;

    void apply(GenerateRequest.Builder request) {
        if (precision != null) {
            request.setPrecision(precision);
        }
    }

    void apply(ScoreRequest.Builder request) {
        if (precision != null) {
            request.setPrecision(precision);
        }
    }
}
