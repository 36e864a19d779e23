package io.scanline.trainer.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Image files made for tests. */
public final class Drawings {
    private Drawings() {}

    /** A picture of one colour, 0xAARRGGBB; without alpha channel when it is opaque. */
    public static BufferedImage plain(int width, int height, int argb) {
        int type = argb >>> 24 == 255 ? BufferedImage.TYPE_INT_RGB : BufferedImage.TYPE_INT_ARGB;
        return filled(new BufferedImage(width, height, type), argb);
    }

    /** A picture of one grey, stored as grey. */
    public static BufferedImage grey(int width, int height, int level) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                picture.getRaster().setSample(x, y, 0, level);
            }
        }
        return picture;
    }

    private static BufferedImage filled(BufferedImage picture, int argb) {
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                picture.setRGB(x, y, argb);
            }
        }
        return picture;
    }

    /** Content of an image file. */
    public static byte[] encode(BufferedImage picture, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (!ImageIO.write(picture, format, out)) {
            throw new IOException("no writer for " + format);
        }
        return out.toByteArray();
    }

    /** Writes an image file, in the format that its name ends with; makes missing directories. */
    public static void write(Path file, BufferedImage picture) throws IOException {
        Files.createDirectories(file.getParent());
        String name = file.getFileName().toString();
        Files.write(file, encode(picture, name.substring(name.lastIndexOf('.') + 1)));
    }

    /** Writes a zip archive. */
    public static void zip(Path file, Map<String, byte[]> contents) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8)) {
            for (Map.Entry<String, byte[]> content : contents.entrySet()) {
                zip.putNextEntry(new ZipEntry(content.getKey()));
                zip.write(content.getValue());
                zip.closeEntry();
            }
        }
    }
}
