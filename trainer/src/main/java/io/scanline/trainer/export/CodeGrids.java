package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.Quantiser;
import java.util.function.IntConsumer;

/**
 * What a bundle's encoder makes of images: grids of codes, as images of one channel whose levels are the codes. The
 * same images give the same codes with any number of threads, since batches are cut alike.
 *
 * @param stored the bundle, of at most 256 codes
 * @param threads that share the images
 */
public record CodeGrids(StoredBundle stored, int threads) {
    /**
     * Encodes images.
     *
     * @param intensities 8-bit images
     * @param progress told how many images are done, by several threads
     * @return as many grids, with the images' classes
     * @throws IllegalArgumentException when the encoder takes other images
     */
    public ImageSet of(ImageSet intensities, IntConsumer progress) throws OrtException, InterruptedException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        if (geometry.getWidth() != intensities.width()
                || geometry.getHeight() != intensities.height()
                || geometry.getChannels() != intensities.channels()) {
            throw new IllegalArgumentException(stored.bundle().getName() + " encodes images of "
                    + shape(geometry.getWidth(), geometry.getHeight(), geometry.getChannels()) + ", not of "
                    + shape(intensities.width(), intensities.height(), intensities.channels()));
        }
        LatentSpace latent = stored.bundle().getLatent();
        int rows = latent.getShape(0);
        int columns = latent.getShape(1);
        int size = rows * columns;
        byte[] codes = new byte[Math.multiplyExact(intensities.size(), size)];
        ImageSet levels = new Quantiser(geometry.getLevels()).quantise(intensities);
        // Every batch writes its own part of the codes; there is nothing to add up.
        new ImageSums(stored, Math.max(1, Math.min(threads, levels.size()))).of(
                levels,
                0,
                (session, images, first, sums) -> {
                    float[] tokens = session.latents(session.encode(images));
                    for (int i = 0; i < tokens.length; i++) {
                        codes[first * size + i] = (byte) tokens[i];
                    }
                },
                progress);
        return new ImageSet(
                codes, intensities.labels(), columns, rows, 1, latent.getCodes(), intensities.classNames());
    }

    private static String shape(int width, int height, int channels) {
        return width + " x " + height + " x " + channels;
    }
}
