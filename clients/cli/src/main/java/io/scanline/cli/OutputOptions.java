package io.scanline.cli;

import io.scanline.cli.draw.ColorMode;
import io.scanline.cli.image.PngWriter;
import io.scanline.cli.stream.GenerationProgress;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What becomes of the images. */
final class OutputOptions {
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write a PNG; several images as one contact sheet, or one file each if it contains {i}.")
    private String out;

    @Option(
            names = "--only-best",
            description = "Write the best image only, of a model that ranks. Without it all are written, the best first.")
    private boolean onlyBest;

    @Option(names = "--json", description = "Print every event as one JSON object a line, and nothing else.")
    private boolean json;

    @Option(
            names = "--color",
            paramLabel = "MODE",
            defaultValue = "auto",
            description = "auto, truecolor, 256 or plain (default: ${DEFAULT-VALUE}).")
    private String color;

    /** Finds out before anything is generated whether the result could be kept and shown. */
    void check() throws CommandFailure {
        if (!color.equals("auto") && ColorMode.named(color).isEmpty()) {
            throw CommandFailure.badArgument("--color must be auto, truecolor, 256 or plain, not " + color);
        }
        if (out != null) {
            Path folder = Path.of(out.replace(PngWriter.INDEX, "0")).toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw CommandFailure.badArgument("--out " + out + ": there is no directory " + folder);
            }
        }
    }

    /** The images to write: without a ranking there is no best one, and all are wanted. */
    List<BufferedImage> chosen(GenerationProgress progress) {
        List<BufferedImage> images = progress.images();
        boolean ranked = progress.figures().finished().orElseThrow().getImagesList().stream()
                .anyMatch(image -> image.getRank() > 0);
        return onlyBest && ranked ? images.subList(0, 1) : images;
    }

    /** Name of the file to write, if one is wanted. */
    Optional<String> out() {
        return Optional.ofNullable(out);
    }

    boolean json() {
        return json;
    }

    /** How to draw on this console. */
    ColorMode color(Console console, boolean terminal) {
        return ColorMode.named(color).orElseGet(() -> ColorMode.detect(console.environment(), terminal));
    }
}
