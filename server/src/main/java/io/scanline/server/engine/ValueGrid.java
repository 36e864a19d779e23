package io.scanline.server.engine;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.contract.CausalContext;
import io.scanline.server.runtime.Raster;

/**
 * Values in raster order, row by row from the top: those of an image, or the codes that a prior draws in their place.
 * The steps of a model, what they are shown and what their state refers to are all about the one that it draws.
 *
 * @param width columns
 * @param height rows
 * @param channels values of a pixel; 1 for codes
 * @param levels levels of a value; the size of the codebook for codes
 */
public record ValueGrid(int width, int height, int channels, int levels) {
    /** What the steps of a model decide: the codes of its latent for a prior, else the values of an image. */
    static ValueGrid drawn(Bundle bundle) {
        if (!LatentDescription.prior(bundle)) {
            return image(bundle);
        }
        LatentSpace latent = bundle.getLatent();
        return new ValueGrid(latent.getShape(1), latent.getShape(0), 1, latent.getCodes());
    }

    /** The values of an image. */
    static ValueGrid image(Bundle bundle) {
        ImageGeometry geometry = bundle.getGeometry();
        return new ValueGrid(geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), geometry.getLevels());
    }

    /** How many values there are. */
    public int values() {
        return height * rowLength();
    }

    /** Values of a row. */
    public int rowLength() {
        return width * channels;
    }

    /** How positions lie in it. */
    Raster raster() {
        return new Raster(width, channels);
    }

    /** What a step is shown of the values before it. */
    CausalContext context(Autoregression autoregression) {
        ImageGeometry shape = ImageGeometry.newBuilder()
                .setWidth(width)
                .setHeight(height)
                .setChannels(channels)
                .setLevels(levels)
                .build();
        return new CausalContext(shape, autoregression);
    }
}
