package io.scanline.cli.draw;

/** The fixed part of xterm's 256 colours: a 6x6x6 cube from 16 on and 24 greys from 232 on. */
final class XtermPalette {
    private static final int[] CUBE = {0, 95, 135, 175, 215, 255};

    private XtermPalette() {}

    /** The index of the colour nearest to 0xRRGGBB, by squared distance. */
    static int nearest(int rgb) {
        int red = rgb >> 16;
        int green = rgb >> 8 & 0xFF;
        int blue = rgb & 0xFF;
        int cubeRed = cubeIndex(red);
        int cubeGreen = cubeIndex(green);
        int cubeBlue = cubeIndex(blue);
        // Grey g of the ramp, 0 to 23, has the intensity 8 + 10 g.
        int ramp = Math.max(0, Math.min(23, Math.round(((red + green + blue) / 3f - 8) / 10)));
        int grey = 8 + 10 * ramp;
        int fromCube = square(red - CUBE[cubeRed]) + square(green - CUBE[cubeGreen]) + square(blue - CUBE[cubeBlue]);
        int fromGrey = square(red - grey) + square(green - grey) + square(blue - grey);
        return fromGrey < fromCube ? 232 + ramp : 16 + 36 * cubeRed + 6 * cubeGreen + cubeBlue;
    }

    private static int cubeIndex(int intensity) {
        int best = 0;
        for (int i = 1; i < CUBE.length; i++) {
            if (Math.abs(CUBE[i] - intensity) < Math.abs(CUBE[best] - intensity)) {
                best = i;
            }
        }
        return best;
    }

    private static int square(int difference) {
        return difference * difference;
    }
}
