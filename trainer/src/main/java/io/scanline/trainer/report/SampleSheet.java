package io.scanline.trainer.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A sheet of images, one labelled row per class, as PNG. */
public final class SampleSheet {
    static {
        Headless.require();
    }

    private static final Color PAPER = Color.WHITE;
    private static final Color INK = new Color(0x33, 0x33, 0x33);
    /** Of the ground under what is transparent. */
    private static final Color SHADE = new Color(0xDD, 0xDD, 0xDD);
    private static final int CHEQUER = 8;
    private static final int GAP = 4;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);

    private final int width;
    private final int height;
    private final int channels;
    private final int scale;
    private final List<Row> rows = new ArrayList<>();
    private List<String> columnLabels = List.of();

    private record Row(String label, List<byte[]> images) {}

    /**
     * An empty sheet.
     *
     * @param width columns of an image
     * @param height rows of an image
     * @param channels 1: grey, 3: red, green, blue, 4: these and straight alpha, shown on a chequered ground
     * @param scale edge of the square that shows one pixel, at least 1
     */
    public SampleSheet(int width, int height, int channels, int scale) {
        if (channels != 1 && channels != 3 && channels != 4) {
            throw new IllegalArgumentException("a sheet shows 1, 3 or 4 channels, not " + channels);
        }
        if (width < 1 || height < 1 || scale < 1) {
            throw new IllegalArgumentException("images of " + width + " x " + height + " at scale " + scale);
        }
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.scale = scale;
    }

    /** Labels the columns. */
    public SampleSheet columns(List<String> labels) {
        columnLabels = List.copyOf(labels);
        return this;
    }

    /**
     * Adds a row.
     *
     * @param label usually the class name
     * @param images 8-bit intensities, (height, width, channels) each
     */
    public SampleSheet row(String label, List<byte[]> images) {
        for (byte[] image : images) {
            if (image.length != width * height * channels) {
                throw new IllegalArgumentException(image.length + " values are no image of " + width + " x " + height
                        + " x " + channels);
            }
        }
        rows.add(new Row(label, List.copyOf(images)));
        return this;
    }

    /** Writes the sheet as PNG; makes missing directories. */
    public void write(Path file) throws IOException {
        PngFile.write(draw(), file);
    }

    /** Draws the sheet. */
    BufferedImage draw() {
        FontMetrics metrics = metrics();
        int labelWidth = rows.stream().mapToInt(row -> metrics.stringWidth(row.label())).max().orElse(0);
        int left = labelWidth == 0 ? GAP : labelWidth + 3 * GAP;
        int top = columnLabels.isEmpty() ? GAP : metrics.getHeight() + 2 * GAP;
        int columns = Math.max(
                columnLabels.size(), rows.stream().mapToInt(row -> row.images().size()).max().orElse(0));
        int cellWidth = width * scale + GAP;
        int cellHeight = Math.max(height * scale, metrics.getHeight()) + GAP;
        BufferedImage sheet = new BufferedImage(
                left + columns * cellWidth, top + rows.size() * cellHeight, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = sheet.createGraphics();
        pen.setColor(PAPER);
        pen.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
        pen.setColor(INK);
        pen.setFont(FONT);
        pen.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int column = 0; column < columnLabels.size(); column++) {
            pen.drawString(columnLabels.get(column), left + column * cellWidth, GAP + metrics.getAscent());
        }
        for (int row = 0; row < rows.size(); row++) {
            int y = top + row * cellHeight;
            int baseline = y + (cellHeight - GAP - metrics.getHeight()) / 2 + metrics.getAscent();
            pen.drawString(rows.get(row).label(), GAP, baseline);
            List<byte[]> images = rows.get(row).images();
            for (int column = 0; column < images.size(); column++) {
                int x = left + column * cellWidth;
                if (channels == 4) {
                    chequer(pen, x, y);
                }
                pen.drawImage(picture(images.get(column)), x, y, width * scale, height * scale, null);
            }
        }
        pen.dispose();
        return sheet;
    }

    /** The ground that shows through. */
    private void chequer(Graphics2D pen, int left, int top) {
        for (int y = 0; y < height * scale; y += CHEQUER) {
            for (int x = 0; x < width * scale; x += CHEQUER) {
                pen.setColor((x + y) / CHEQUER % 2 == 0 ? PAPER : SHADE);
                pen.fillRect(
                        left + x, top + y, Math.min(CHEQUER, width * scale - x), Math.min(CHEQUER, height * scale - y));
            }
        }
        pen.setColor(INK);
    }

    private BufferedImage picture(byte[] values) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int pixel = 0; pixel < width * height; pixel++) {
            int at = pixel * channels;
            int red = values[at] & 0xFF;
            int green = channels == 1 ? red : values[at + 1] & 0xFF;
            int blue = channels == 1 ? red : values[at + 2] & 0xFF;
            int alpha = channels == 4 ? values[at + 3] & 0xFF : 255;
            picture.setRGB(pixel % width, pixel / width, alpha << 24 | red << 16 | green << 8 | blue);
        }
        return picture;
    }

    private static FontMetrics metrics() {
        Graphics2D pen = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            return pen.getFontMetrics(FONT);
        } finally {
            pen.dispose();
        }
    }
}
