package io.scanline.trainer.data;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Images with their classes. Equality is identity of the arrays, which are not copied.
 *
 * @param values all values, (images, height, width, channels) in row-major order, one byte each, 0 to levels - 1
 * @param labels class index of every image
 * @param width columns of an image
 * @param height rows of an image
 * @param channels values of a pixel: 1 grey, 3 red, green and blue, 4 these and straight (not premultiplied) alpha
 * @param levels number of levels of a value, 2 to 256; 256: 8-bit intensities
 * @param classNames name of every class, by index
 */
public record ImageSet(
        byte[] values, int[] labels, int width, int height, int channels, int levels, List<String> classNames) {
    /** Checks that the parts agree; the values themselves are not looked at. */
    public ImageSet {
        classNames = List.copyOf(classNames);
        if (width < 1 || height < 1 || channels < 1) {
            throw new IllegalArgumentException("images of " + width + " x " + height + " x " + channels);
        }
        if (levels < 2 || levels > 256) {
            throw new IllegalArgumentException("want 2 to 256 levels, not " + levels);
        }
        if ((long) labels.length * width * height * channels != values.length) {
            throw new IllegalArgumentException(values.length + " values do not make " + labels.length + " images of "
                    + width + " x " + height + " x " + channels);
        }
        for (int label : labels) {
            if (label < 0 || label >= classNames.size()) {
                throw new IllegalArgumentException("label " + label + " of " + classNames.size() + " classes");
            }
        }
    }

    /** Number of images. */
    public int size() {
        return labels.length;
    }

    /** Values of one image: height * width * channels. */
    public int valuesPerImage() {
        return width * height * channels;
    }

    /** A copy of one image's values. */
    public byte[] image(int index) {
        int length = valuesPerImage();
        return Arrays.copyOfRange(values, index * length, (index + 1) * length);
    }

    /** Name of the class of one image. */
    public String className(int index) {
        return classNames.get(labels[index]);
    }

    /** The first images, at most this many. */
    public ImageSet first(int count) {
        int kept = Math.min(count, size());
        return with(Arrays.copyOf(values, kept * valuesPerImage()), Arrays.copyOf(labels, kept));
    }

    /** Some images, at most this many, evenly spread over all. */
    public ImageSet spread(int count) {
        int kept = Math.min(count, size());
        return select(IntStream.range(0, kept).map(n -> (int) ((long) n * size() / kept)).toArray());
    }

    /** The images of these indices, in this order. */
    public ImageSet select(int[] indices) {
        int length = valuesPerImage();
        byte[] chosen = new byte[indices.length * length];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(values, indices[i] * length, chosen, i * length, length);
        }
        return with(chosen, Arrays.stream(indices).map(index -> labels[index]).toArray());
    }

    /**
     * The same images with these levels in place of their 8-bit intensities.
     *
     * @throws IllegalArgumentException when these are no 8-bit intensities
     */
    ImageSet withLevels(byte[] levelValues, int newLevels) {
        if (levels != 256) {
            throw new IllegalArgumentException("the images have " + levels + " levels already");
        }
        return new ImageSet(levelValues, labels, width, height, channels, newLevels, classNames);
    }

    private ImageSet with(byte[] someValues, int[] someLabels) {
        return new ImageSet(someValues, someLabels, width, height, channels, levels, classNames);
    }
}
