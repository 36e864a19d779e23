package io.scanline.trainer.evaluation;

/**
 * Negative log-likelihood of a number of images.
 *
 * @param nats sum over all images, in nats
 * @param images number of images
 * @param valuesPerImage dimensions of an image: height * width * channels
 */
public record Likelihood(double nats, long images, int valuesPerImage) {
    /** No images yet. */
    public static Likelihood none(int valuesPerImage) {
        return new Likelihood(0, 0, valuesPerImage);
    }

    /** Bits per dimension of a number of nats over a number of values: nats / (ln 2 * values). */
    public static double bitsPerDim(double nats, long values) {
        return nats / (Math.log(2) * values);
    }

    /** Nats per image of a number of bits per dimension: the inverse of {@link #bitsPerDim()}. */
    public static double natsPerImage(double bitsPerDim, int valuesPerImage) {
        return bitsPerDim * Math.log(2) * valuesPerImage;
    }

    /** Mean over the images, in nats. */
    public double natsPerImage() {
        return nats / images;
    }

    /** Mean over all values, in bits. */
    public double bitsPerDim() {
        return bitsPerDim(nats, images * valuesPerImage);
    }

    /** Both together. */
    public Likelihood plus(Likelihood other) {
        if (other.valuesPerImage != valuesPerImage) {
            throw new IllegalArgumentException(
                    "images of " + valuesPerImage + " and of " + other.valuesPerImage + " values do not add up");
        }
        return new Likelihood(nats + other.nats, images + other.images, valuesPerImage);
    }
}
