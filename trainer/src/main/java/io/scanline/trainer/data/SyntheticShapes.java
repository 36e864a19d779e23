package io.scanline.trainer.data;

import java.util.List;
import java.util.Random;

/**
 * Grey images of one bright shape at a random place on a dark ground, one class per shape: enough structure for a model
 * to learn in seconds, and nothing to download.
 *
 * @param width columns, at least 4
 * @param height rows, at least 4
 */
public record SyntheticShapes(int width, int height) {
    private static final List<String> CLASS_NAMES = List.of("horizontal bar", "vertical bar", "square");
    private static final int DARKEST_SHAPE = 160;
    private static final int BRIGHTEST_GROUND = 31;

    /** Checks that a square fits. */
    public SyntheticShapes {
        if (width < 4 || height < 4) {
            throw new IllegalArgumentException("shapes need at least 4 x 4 pixels, not " + width + " x " + height);
        }
    }

    /** A small data set, the same everywhere: 600 images to learn from and 200 others to test with. */
    public TrainTest dataSet() {
        return new TrainTest(draw(600, 1), draw(200, 2));
    }

    /** Draws images of the classes in turn; the first images of a seed do not depend on how many are drawn. */
    public ImageSet draw(int count, long seed) {
        Random random = new Random(seed);
        byte[] values = new byte[count * width * height];
        int[] labels = new int[count];
        for (int image = 0; image < count; image++) {
            labels[image] = image % CLASS_NAMES.size();
            paint(values, image * width * height, labels[image], random);
        }
        return new ImageSet(values, labels, width, height, 1, 256, CLASS_NAMES);
    }

    private void paint(byte[] values, int start, int label, Random random) {
        int side = 2 + random.nextInt(Math.min(width, height) / 2 - 1);
        int rows = label == 0 ? 1 : label == 1 ? height : side;
        int columns = label == 0 ? width : label == 1 ? 1 : side;
        int top = random.nextInt(height - rows + 1);
        int left = random.nextInt(width - columns + 1);
        int shape = DARKEST_SHAPE + random.nextInt(256 - DARKEST_SHAPE);
        int ground = random.nextInt(BRIGHTEST_GROUND + 1);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean inside = y >= top && y < top + rows && x >= left && x < left + columns;
                values[start + y * width + x] = (byte) (inside ? shape : ground);
            }
        }
    }
}
