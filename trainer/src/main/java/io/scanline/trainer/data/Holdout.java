package io.scanline.trainer.data;

import java.util.Arrays;
import java.util.Random;

/**
 * A training set of which some images are kept back for validation.
 *
 * @param training images to learn from
 * @param validation images to choose settings and checkpoints by, none of which is in {@code training}
 */
public record Holdout(ImageSet training, ImageSet validation) {
    /**
     * Keeps back images drawn without replacement. Both parts keep the order of the set, and {@link Random} is
     * specified to the bit, so that a seed gives the same split everywhere.
     *
     * @param validationImages how many to keep back, 0 to size - 1
     */
    public static Holdout split(ImageSet images, int validationImages, long seed) {
        int size = images.size();
        if (validationImages < 0 || validationImages >= size) {
            throw new IllegalArgumentException("cannot keep back " + validationImages + " of " + size + " images");
        }
        int[] order = new int[size];
        Arrays.setAll(order, i -> i);
        Random random = new Random(seed);
        // The first steps of a Fisher-Yates shuffle draw the validation images.
        for (int i = 0; i < validationImages; i++) {
            int drawn = i + random.nextInt(size - i);
            int kept = order[drawn];
            order[drawn] = order[i];
            order[i] = kept;
        }
        Arrays.sort(order, 0, validationImages);
        Arrays.sort(order, validationImages, size);
        return new Holdout(
                images.select(Arrays.copyOfRange(order, validationImages, size)),
                images.select(Arrays.copyOf(order, validationImages)));
    }
}
