package io.scanline.trainer.cli;

import io.scanline.trainer.export.StoredBundle;
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

    @Option(names = "--guidance", paramLabel = "G", description = GuidanceOption.DESCRIPTION)
    private Float guidance;

    /** Refuses values that cannot be, and any where they have no use. */
    void check(boolean drawn) {
        if (!drawn && (candidates != null || guidance != null)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--candidates and --guidance are for models that draw what a text says, with --judge");
        }
        if (candidates != null && (candidates < 1 || candidates > MOST)) {
            throw new ParameterException(
                    command.commandLine(), "--candidates " + candidates + " is not from 1 to " + MOST);
        }
        GuidanceOption.check(command, guidance);
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
