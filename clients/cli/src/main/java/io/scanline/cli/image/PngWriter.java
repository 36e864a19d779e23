package io.scanline.cli.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Writes images to the files that a name stands for. */
public final class PngWriter {
    /** Stands for the index of the image in a file name. */
    public static final String INDEX = "{i}";

    private PngWriter() {}

    /**
     * Writes one file for each image when the name contains "{i}", else all of them as one contact sheet; none when
     * there are no images.
     *
     * @return the files written
     * @throws IOException when a file cannot be written
     */
    public static List<Path> write(String name, List<BufferedImage> images) throws IOException {
        List<Path> written = new ArrayList<>();
        if (images.isEmpty()) {
            return written;
        }
        if (!name.contains(INDEX)) {
            written.add(writeFile(Path.of(name), ContactSheet.of(images)));
            return written;
        }
        for (int i = 0; i < images.size(); i++) {
            written.add(writeFile(Path.of(name.replace(INDEX, Integer.toString(i))), images.get(i)));
        }
        return written;
    }

    private static Path writeFile(Path file, BufferedImage image) throws IOException {
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        if (!ImageIO.write(image, "png", png)) {
            throw new IOException("this Java has no PNG writer");
        }
        return Files.write(file, png.toByteArray());
    }
}
