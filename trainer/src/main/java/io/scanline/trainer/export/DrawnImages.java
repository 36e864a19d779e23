package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import java.util.Optional;

/**
 * From what a bundle draws value by value to the levels of an image: the same, or what its decoder makes of codes. Not
 * safe for use by several threads.
 */
final class DrawnImages implements AutoCloseable {
    private final Optional<LatentSession> decoder;

    /** Images of this bundle. */
    DrawnImages(StoredBundle stored) throws OrtException {
        decoder = stored.drawsCodes() ? Optional.of(new LatentSession(stored)) : Optional.empty();
    }

    /** The image of one draw. */
    byte[] levels(byte[] drawn) throws OrtException {
        return decoder.isEmpty()
                ? drawn
                : decoder.get().levels(decoder.get().decode(drawn).get("image"), 0);
    }

    @Override
    public void close() throws OrtException {
        if (decoder.isPresent()) {
            decoder.get().close();
        }
    }
}
