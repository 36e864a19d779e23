package io.scanline.trainer.cli;

import io.scanline.trainer.export.StoredBundle;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What commands say of classifier-free guidance. */
final class GuidanceOption {
    /** For people. */
    static final String DESCRIPTION = "Of models that draw what a text says: classifier-free guidance, 0 to 20; 1: none. Default:"
            + " what the bundle recommends.";

    private static final float HIGHEST = 20;

    private GuidanceOption() {}

    /** Refuses what a server would refuse. */
    static void check(CommandSpec command, Float guidance) {
        if (guidance != null && !(guidance >= 0 && guidance <= HIGHEST)) {
            throw new ParameterException(command.commandLine(), "--guidance " + guidance + " is not from 0 to 20");
        }
    }

    /** What is asked for, or else what the bundle recommends. */
    static float used(StoredBundle stored, Float guidance) {
        float recommended = stored.bundle().getConditioning().getText().getRecommendedGuidance();
        float otherwise = recommended == 0 ? 1 : recommended;
        return guidance == null ? otherwise : guidance;
    }
}
