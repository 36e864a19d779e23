package io.scanline.trainer.training;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Differentiable augmentation (Zhao et al. 2020, arXiv 2006.10738, section 3.2, and its code), for real and generated images
 * alike: gradients pass it, so that a generator learns from augmented images to make plain ones.
 *
 * <p>Translation by up to 1/8 of the edges and cutout of a square of half their length, both filled with 0; colour is
 * brightness, saturation and contrast, of grey images brightness and contrast, and never alpha. Each of the three happens to
 * an image with the same probability.
 *
 * @param kinds some of translation, cutout, colour
 * @param probability of each, 0 to 1; the paper always does all of them
 */
record DifferentiableAugmentation(List<String> kinds, double probability) {
    /** Nothing is done. */
    static final DifferentiableAugmentation NONE = new DifferentiableAugmentation(List.of(), 0);

    private static final double SHIFT = 0.125;
    private static final int OUTSIDE = -1;

    /**
     * The images as they are seen.
     *
     * @param images (B, C, H, W), intensities in [0, 1]
     * @param seed of what is drawn; the first image is drawn for first
     */
    Tensor apply(Tensor images, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SplittableRandom places = random.split(); // of its own, so that places do not depend on colours
        Tensor seen = kinds.contains("colour") ? coloured(images, random) : images;
        return kinds.contains("translation") || kinds.contains("cutout") ? moved(seen, places) : seen;
    }

    private boolean happens(String kind, SplittableRandom random) {
        return kinds.contains(kind) && random.nextDouble() < probability;
    }

    private Tensor moved(Tensor images, SplittableRandom random) {
        int batch = (int) images.size(0);
        long channels = images.size(1);
        int height = (int) images.size(2);
        int width = (int) images.size(3);
        int values = height * width;
        long[] sources = new long[batch * values];
        for (int n = 0; n < batch; n++) {
            place(sources, n * values, height, width, random);
        }
        // Where nothing of the image is: the 0 behind its last value.
        Arrays.setAll(sources, i -> sources[i] == OUTSIDE ? values : sources[i]);
        Tensor rows = torch.cat(
                new TensorVector(images.reshape(batch, channels, values), torch.zeros(batch, channels, 1)), 2);
        Tensor index = torch.tensor(sources).reshape(batch, 1, values).expand(batch, channels, values);
        return rows.gather(2, index).reshape(batch, channels, height, width);
    }

    /** Which pixel of an image is seen at each place. */
    private void place(long[] sources, int at, int height, int width, SplittableRandom random) {
        int down = 0;
        int right = 0;
        if (happens("translation", random)) {
            int rows = (int) (height * SHIFT + 0.5);
            int columns = (int) (width * SHIFT + 0.5);
            down = random.nextInt(-rows, rows + 1);
            right = random.nextInt(-columns, columns + 1);
        }
        int top = height; // no hole
        int left = width;
        int tall = (height + 1) / 2;
        int wide = (width + 1) / 2;
        if (happens("cutout", random)) {
            top = random.nextInt(height + 1 - tall % 2) - tall / 2; // its centre lies anywhere
            left = random.nextInt(width + 1 - wide % 2) - wide / 2;
        }
        for (int row = 0; row < height; row++) {
            for (int column = 0; column < width; column++) {
                int fromRow = row - down;
                int fromColumn = column - right;
                boolean inside = fromRow >= 0 && fromRow < height && fromColumn >= 0 && fromColumn < width;
                boolean hole = row >= top && row < top + tall && column >= left && column < left + wide;
                sources[at + row * width + column] = inside && !hole ? fromRow * width + fromColumn : OUTSIDE;
            }
        }
    }

    /** Brightness u - 1/2 of half the range, then saturation 2 u, then contrast u + 1/2. */
    private Tensor coloured(Tensor images, SplittableRandom random) {
        int batch = (int) images.size(0);
        float[] brightness = new float[batch];
        float[] saturation = new float[batch];
        float[] contrast = new float[batch];
        for (int n = 0; n < batch; n++) {
            boolean happens = happens("colour", random);
            brightness[n] = happens ? (float) (random.nextDouble() - 0.5) / 2 : 0;
            saturation[n] = happens ? (float) (2 * random.nextDouble()) : 1;
            contrast[n] = happens ? (float) (random.nextDouble() + 0.5) : 1;
        }
        boolean transparent = images.size(1) == 4;
        Tensor x = transparent ? images.narrow(1, 0, 3) : images;
        x = x.add(each(brightness));
        x = spread(x, x.mean(new long[] {1}, true, new ScalarTypeOptional()), saturation);
        x = spread(x, x.mean(new long[] {1, 2, 3}, true, new ScalarTypeOptional()), contrast);
        return transparent ? torch.cat(new TensorVector(x, images.narrow(1, 3, 1)), 1) : x;
    }

    /** Distances from a mean times a factor. */
    private static Tensor spread(Tensor x, Tensor mean, float[] factors) {
        return x.sub(mean).mul(each(factors)).add(mean);
    }

    private static Tensor each(float[] numbers) {
        return torch.tensor(numbers).reshape(numbers.length, 1, 1, 1);
    }
}
