package io.scanline.server.bench;

import io.scanline.server.engine.BundleReader;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.PlainImages;
import io.scanline.server.runtime.GraphException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What the images of one model must be: each drawn once, on its own, value by value. */
final class SoakReference implements AutoCloseable {
    private final PlainImages plain;
    private final Map<Image, byte[]> drawn = new HashMap<>();

    /**
     * Which image.
     *
     * @param label its class
     * @param seed of all its values, or of those after the first ones
     * @param forked how many of its first values are those of another image
     * @param source seed of that one
     */
    record Image(int label, long seed, int forked, long source) {
        /** One of its own. */
        static Image of(int label, long seed) {
            return new Image(label, seed, 0, 0);
        }

        /** One that goes on from the first values of this one. */
        Image fork(int values, long newSeed) {
            return new Image(label, newSeed, values, seed);
        }
    }

    SoakReference(EngineConfig config, ModelInfo model) throws EngineException, GraphException {
        plain = new PlainImages(
                BundleReader.read(
                        config.models().resolve(model.name()).resolve(model.version()), config.maxBundleBytes()),
                1);
    }

    /** All values of an image; not to be written to. */
    synchronized byte[] values(Image image) throws GraphException {
        byte[] known = drawn.get(image);
        if (known == null) {
            byte[] prefix = image.forked() == 0
                    ? new byte[0]
                    : Arrays.copyOf(values(Image.of(image.label(), image.source())), image.forked());
            known = plain.draw(image.label(), image.seed(), prefix);
            drawn.put(image, known);
        }
        return known;
    }

    @Override
    public synchronized void close() {
        plain.close();
    }
}
