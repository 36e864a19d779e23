package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.LevelSampler;
import java.util.ArrayList;
import java.util.Arrays;
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
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < labels.length; n++) {
            images.add(new byte[values()]);
        }
        for (int i = 0; i < values(); i++) {
            draw(i, session.logits(images, labels, i, 1), images, seed, firstIndex, temperature);
        }
        return images;
    }

    /**
     * The same with classifier-free guidance: from the logits u + g (c - u), c given an image's own label and u given another.
     *
     * @param labels of half as many images as the session has
     * @param without the label that stands for nothing in particular
     * @param guidance g
     */
    public List<byte[]> draw(int[] labels, int without, float guidance, long seed, int firstIndex, float temperature)
            throws OrtException {
        List<byte[]> images = new ArrayList<>();
        for (int n = 0; n < labels.length; n++) {
            images.add(new byte[values()]);
        }
        List<byte[]> twice = new ArrayList<>(images); // the same arrays: both rows of an image grow together
        twice.addAll(images);
        int[] both = Arrays.copyOf(labels, 2 * labels.length);
        Arrays.fill(both, labels.length, both.length, without);
        int half = labels.length * geometry.getLevels();
        for (int i = 0; i < values(); i++) {
            float[] logits = session.logits(twice, both, i, 1);
            for (int at = 0; at < half; at++) {
                float unguided = logits[half + at];
                logits[at] = unguided + guidance * (logits[at] - unguided);
            }
            draw(i, logits, images, seed, firstIndex, temperature);
        }
        return images;
    }

    private int values() {
        return geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
    }

    private void draw(int i, float[] logits, List<byte[]> images, long seed, int firstIndex, float temperature) {
        int channels = geometry.getChannels();
        LevelSampler sampler = new LevelSampler(geometry.getLevels());
        for (int n = 0; n < images.size(); n++) {
            double uniform = CounterRandom.uniform(seed, firstIndex + n, i / channels, i % channels);
            images.get(n)[i] = (byte) sampler.draw(logits, n * geometry.getLevels(), temperature, 0, 1, uniform);
        }
    }
}
