package io.scanline.trainer.cli;

import io.scanline.trainer.export.ChunkExporter;
import java.nio.file.Path;
import java.util.function.Consumer;
import picocli.CommandLine.Command;

/** Gives a bundle that was exported before a graph of many steps in 16-bit floats. */
@Command(
        name = "chunk",
        description = "Make a graph that draws many values in one run, in 16-bit floats and for CUDA, of the steps of a bundle"
                + " and write it into the bundle, with what it costs in likelihood: on " + ChunkExporter.ENOUGH
                + " test images, or --images. Nothing is trained, and the steps in fp32 stay.")
final class ChunkCommand extends VariantCommand {
    ChunkCommand() {
        super(ChunkExporter.ENOUGH);
    }

    @Override
    void add(StepVariants variants, Path bundle, Consumer<String> report) throws Exception {
        variants.addChunk(bundle, report);
    }
}
