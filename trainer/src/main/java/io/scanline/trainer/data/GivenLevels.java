package io.scanline.trainer.data;

/**
 * Images that have their levels already, as grids of codes do: nothing is changed.
 *
 * @param levels number of levels of a value, 2 to 256
 */
public record GivenLevels(int levels) implements Discretiser {
    @Override
    public String protocol() {
        return "with their own " + levels + " levels";
    }

    @Override
    public ImageSet at(int step, ImageSet images, int[] indices) {
        return fixed(images).select(indices);
    }

    /**
     * The same images.
     *
     * @throws IllegalArgumentException when they have another number of levels
     */
    @Override
    public ImageSet fixed(ImageSet images) {
        if (images.levels() != levels) {
            throw new IllegalArgumentException("want images of " + levels + " levels, not " + images.levels());
        }
        return images;
    }
}
