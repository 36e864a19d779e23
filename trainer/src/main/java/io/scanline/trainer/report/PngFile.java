package io.scanline.trainer.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import javax.imageio.ImageIO;

/** Writes pictures so that somebody who watches the file never sees half of one. */
final class PngFile {
    private PngFile() {}

    static void write(BufferedImage picture, Path file) throws IOException {
        Path target = file.toAbsolutePath();
        Files.createDirectories(target.getParent());
        Path draft = target.resolveSibling(target.getFileName() + ".tmp");
        if (!ImageIO.write(picture, "png", draft.toFile())) {
            throw new IOException("no PNG writer for this picture");
        }
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
