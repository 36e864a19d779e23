package io.scanline.cli.draw;

import io.scanline.cli.image.Picture;
import java.util.ArrayList;
import java.util.List;

/** Two pixels in an ASCII character whose ink grows with their brightness; undecided pixels are a checker of dots. */
final class ShadeRenderer implements PictureRenderer {
    /** Dark to bright, for light text on a dark ground. Has no dot. */
    private static final String INK = " -:=+*o#%@";

    @Override
    public List<String> lines(Picture picture) {
        List<String> lines = new ArrayList<>();
        for (int y = 0; y < picture.height(); y += 2) {
            StringBuilder line = new StringBuilder();
            for (int x = 0; x < picture.width(); x++) {
                line.append(shade(picture, x, y));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static char shade(Picture picture, int x, int y) {
        int upper = picture.at(x, y);
        int lower = y + 1 < picture.height() ? picture.at(x, y + 1) : upper;
        if (upper == Picture.UNDECIDED && lower == Picture.UNDECIDED) {
            return (x + y / 2 & 1) == 0 ? '.' : ' ';
        }
        int brightness;
        if (upper == Picture.UNDECIDED || lower == Picture.UNDECIDED) {
            brightness = brightness(upper == Picture.UNDECIDED ? lower : upper);
        } else {
            brightness = (brightness(upper) + brightness(lower)) / 2;
        }
        return INK.charAt((brightness * (INK.length() - 1) + 127) / 255);
    }

    /** ITU-R BT.601, 0 to 255. */
    private static int brightness(int rgb) {
        return (299 * (rgb >> 16) + 587 * (rgb >> 8 & 0xFF) + 114 * (rgb & 0xFF) + 500) / 1000;
    }
}
