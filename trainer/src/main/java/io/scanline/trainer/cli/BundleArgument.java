package io.scanline.trainer.cli;

import io.scanline.trainer.export.StoredBundle;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The bundle that a command is about. */
final class BundleArgument {
    @Parameters(
            paramLabel = "BUNDLE",
            description = "Directory of a bundle: NAME/VERSION, or NAME for its newest version.")
    private Path directory;

    StoredBundle read() throws IOException {
        return StoredBundle.read(directory);
    }
}
