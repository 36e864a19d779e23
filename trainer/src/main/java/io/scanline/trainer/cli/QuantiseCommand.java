package io.scanline.trainer.cli;

import io.scanline.trainer.export.VariantFigures;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** Gives a bundle that was exported before steps in 8-bit integers. */
@Command(
        name = "quantise",
        description = "Make steps in 8-bit integers of those of a bundle and write them into it, with what they cost in"
                + " likelihood: on " + VariantFigures.ENOUGH + " test images, or --images. Nothing is trained, and the steps in"
                + " fp32 stay.")
final class QuantiseCommand extends VariantCommand {
    QuantiseCommand() {
        super(VariantFigures.ENOUGH);
    }

    @Override
    void add(StepVariants variants, Path bundle, Consumer<String> report) throws Exception {
        variants.addInt8(bundle, report);
    }
}
