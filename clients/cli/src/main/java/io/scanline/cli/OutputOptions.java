package io.scanline.cli;

import io.scanline.cli.draw.ColorMode;
import io.scanline.cli.image.PngWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What becomes of the images. */
final class OutputOptions {
    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write a PNG; several images as one contact sheet, or one file each if it contains {i}.")
    private String out;

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
