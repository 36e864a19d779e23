package io.scanline.trainer.cli;

import io.scanline.trainer.export.StoredBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a model draws of captions, to be judged. */
final class CandidateOptions {
    private static final int MOST = 64;
    private static final int USUAL = 4;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--candidates",
            paramLabel = "N",
            description = "Of models that draw what a text says, with --judge: images of each caption, 1 to 64, of which the best is"
                    + " judged too. Default: 4.")
    private Integer candidates;

    @Option(
            names = "--reader",
            paramLabel = "BUNDLE",
            description = "Of models that draw what a text says, with --judge: also count the images that this model, which puts"
                    + " images into words, calls exactly what the caption says. Default: none is asked.")
    private Path reader;

    @Option(names = "--guidance", paramLabel = "G", description = GuidanceOption.DESCRIPTION)
    private Float guidance;

    /** Refuses values that cannot be, and any where they have no use. */
    void check(boolean drawn) {
        if (!drawn && (candidates != null || guidance != null || reader != null)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--candidates, --guidance and --reader are for models that draw what a text says, with --judge");
        }
        if (candidates != null && (candidates < 1 || candidates > MOST)) {
            throw new ParameterException(
                    command.commandLine(), "--candidates " + candidates + " is not from 1 to " + MOST);
        }
        GuidanceOption.check(command, guidance);
    }

    /** Who reads what is drawn, if anybody does. */
    Optional<StoredBundle> reader() throws IOException {
        return reader == null ? Optional.empty() : Optional.of(StoredBundle.read(reader));
    }

    /** Images of each caption. */
    int candidates() {
        return candidates == null ? USUAL : candidates;
    }

    /** Classifier-free guidance in use with a bundle. */
    float guidance(StoredBundle stored) {
        return GuidanceOption.used(stored, guidance);
    }
}
