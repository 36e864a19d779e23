package io.scanline.cli.draw;

import io.scanline.cli.image.Picture;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Two pixels in a character cell: the upper half block in the colour of the one above, on that of the one below. */
final class HalfBlockRenderer implements PictureRenderer {
    /** A faint bluish checker, which no grey picture contains: black pixels are not mistaken for undecided ones. */
    private static final int[] UNDECIDED = {0x1C1C26, 0x2C2C38};

    private static final char UPPER_HALF = '\u2580';
    private static final String ESCAPE = "\u001b[";

    private final IntFunction<String> code;

    /**
     * Draws with these colours.
     *
     * @param code the arguments that select 0xRRGGBB after "38;" or "48;"
     */
    HalfBlockRenderer(IntFunction<String> code) {
        this.code = code;
    }

    static String truecolor(int rgb) {
        return "2;" + (rgb >> 16) + ";" + (rgb >> 8 & 0xFF) + ";" + (rgb & 0xFF);
    }

    @Override
    public List<String> lines(Picture picture) {
        List<String> lines = new ArrayList<>();
        for (int y = 0; y < picture.height(); y += 2) {
            lines.add(line(picture, y));
        }
        return lines;
    }

    private String line(Picture picture, int y) {
        boolean hasLower = y + 1 < picture.height();
        StringBuilder line = new StringBuilder();
        String upper = "";
        String lower = "";
        for (int x = 0; x < picture.width(); x++) {
            String nextUpper = code.apply(color(picture, x, y));
            if (!nextUpper.equals(upper)) {
                line.append(ESCAPE).append("38;").append(nextUpper).append('m');
                upper = nextUpper;
            }
            String nextLower = hasLower ? code.apply(color(picture, x, y + 1)) : "";
            if (!nextLower.equals(lower)) {
                line.append(ESCAPE).append("48;").append(nextLower).append('m');
                lower = nextLower;
            }
            line.append(UPPER_HALF);
        }
        return line.append(ESCAPE).append("0m").toString();
    }

    private static int color(Picture picture, int x, int y) {
        int pixel = picture.at(x, y);
        return pixel == Picture.UNDECIDED ? UNDECIDED[x + y & 1] : pixel;
    }
}
