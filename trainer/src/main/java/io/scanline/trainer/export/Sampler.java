package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import java.util.ArrayList;
import java.util.List;

/** Draws images from a bundle's step graph, value by value, as a server would: same request, same seed, same bytes. */
public final class Sampler {
    private final ImageGeometry geometry;
    private final StepSession session;

    /** Draws with a session of this bundle; as many images at a time as the session has. */
    public Sampler(Bundle bundle, StepSession session) {
        this.geometry = bundle.getGeometry();
        this.session = session;
    }

    /**
     * Draws images of given classes. Image n of the request has image index {@code firstIndex + n}.
     *
     * @param labels one class for every image of the session's batch
     * @return values, one byte each in generation order
     */
    public List<byte[]> draw(int[] labels, long seed, int firstIndex, float temperature) throws OrtException {
        int channels = geometry.getChannels();
        int values = geometry.getWidth() * geometry.getHeight() * channels;
        LevelSampler sampler = new LevelSampler(geometry.getLevels());
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < labels.length; n++) {
            images.add(new byte[values]);
        }
        for (int i = 0; i < values; i++) {
            float[] logits = session.logits(images, labels, i, 1);
            for (int n = 0; n < labels.length; n++) {
                double uniform = CounterRandom.uniform(seed, firstIndex + n, i / channels, i % channels);
                images.get(n)[i] =
                        (byte) sampler.draw(logits, n * geometry.getLevels(), temperature, 0, 1, uniform);
            }
        }
        return images;
    }
}
