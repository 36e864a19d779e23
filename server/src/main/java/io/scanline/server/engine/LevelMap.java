package io.scanline.server.engine;

import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.PictureTransform;

/**
 * Images of one model as another one sees them, of the same width, height and channels: every level becomes the
 * intensity that it is shown with, and that intensity the level that the other model gives it in a picture. The same
 * levels stay as they are.
 */
final class LevelMap {
    private final byte[] levels; // by level of the first model; null: they are the same

    LevelMap(ImageGeometry from, Bundle to) {
        ImageGeometry other = to.getGeometry();
        if (from.getLevelValues().equals(other.getLevelValues())) {
            levels = null;
            return;
        }
        PictureTransform pictures = new PictureTransform(other, to.getPictureInput());
        ByteString intensities = from.getLevelValues();
        levels = new byte[intensities.size()];
        for (int level = 0; level < levels.length; level++) {
            levels[level] = (byte) pictures.level(intensities.byteAt(level) & 0xFF);
        }
    }

    /** The levels of an image of the first model, which is left as it is, in those of the other one. */
    byte[] map(byte[] image) {
        if (levels == null) {
            return image;
        }
        byte[] mapped = new byte[image.length];
        for (int i = 0; i < mapped.length; i++) {
            mapped[i] = levels[image[i] & 0xFF];
        }
        return mapped;
    }
}
