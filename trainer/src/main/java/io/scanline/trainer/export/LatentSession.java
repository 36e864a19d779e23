package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.ImagePlanes;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs a bundle's encoder, if it has one, and decoder. Images are levels in raster order; latents and tokens are floats, those of
 * several images one behind the other. Not safe for use by several threads.
 */
public final class LatentSession implements AutoCloseable {
    /** Role of the graph from images to latents. */
    static final String ENCODER = "encoder";
    /** Role of the graph from latents to images. */
    static final String DECODER = "decoder";
    /** The graphs of a model that encodes. */
    static final List<String> ROLES = List.of(ENCODER, DECODER);
    /** Contract name of the class in a graph. */
    static final String LABEL = "label";

    private final Bundle bundle;
    private final ImagePlanes planes;
    private final int size;
    private final Optional<GraphSession> encoder;
    private final GraphSession decoder;

    /** Sessions of a bundle's graphs. */
    public LatentSession(StoredBundle stored) throws OrtException {
        bundle = stored.bundle();
        planes = new ImagePlanes(bundle.getGeometry());
        size = bundle.getLatent().getShapeList().stream().reduce(1, Math::multiplyExact);
        encoder = encodes(stored) ? Optional.of(new GraphSession(stored, ENCODER, "image")) : Optional.empty();
        decoder = new GraphSession(stored, DECODER, tokens() ? "tokens" : "latent");
    }

    /** Whether a bundle has the graph that makes latents of images. */
    static boolean encodes(StoredBundle stored) {
        return stored.graph(ENCODER).isPresent();
    }

    /** Whether there is an encoder. */
    public boolean encodes() {
        return encoder.isPresent();
    }

    /** Names of the classes that a decoder wants one of; none when it knows of none. */
    public List<String> classes() {
        return decoder.labelled() ? bundle.getConditioning().getClassNamesList() : List.of();
    }

    private boolean tokens() {
        return bundle.getLatent().getKind() == LatentKind.LATENT_KIND_TOKENS;
    }

    /** The bundle. */
    public Bundle bundle() {
        return bundle;
    }

    /** Numbers of one latent. */
    public int size() {
        return size;
    }

    /** What the encoder says of images, by contract name. */
    public Map<String, float[]> encode(List<byte[]> images) throws OrtException {
        float[] intensities = new float[images.size() * planes.values()];
        for (int n = 0; n < images.size(); n++) {
            planes.fromLevels(images.get(n), intensities, n * planes.values());
        }
        return encoder.orElseThrow().run(intensities, images.size());
    }

    /** The latent, or the mean of its distribution, in what the encoder said. */
    public float[] latents(Map<String, float[]> encoded) {
        return encoded.get(
                switch (bundle.getLatent().getKind()) {
                    case LATENT_KIND_TOKENS -> "tokens";
                    case LATENT_KIND_GAUSSIAN -> "mean";
                    default -> "latent";
                });
    }

    /** What the decoder says of latents, by contract name. */
    public Map<String, float[]> decode(float[] latents) throws OrtException {
        return decoder.run(latents, latents.length / size);
    }

    /** The same of latents of these classes. */
    public Map<String, float[]> decode(float[] latents, long[] labels) throws OrtException {
        return decoder.run(latents, labels);
    }

    /** What the decoder says of codes, one byte each, by contract name. */
    public Map<String, float[]> decode(byte[] codes) throws OrtException {
        float[] tokens = new float[codes.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = codes[i] & 0xFF;
        }
        return decode(tokens);
    }

    /** The latent that bundle.proto draws for an image of a request: golden samples and samples of the prior. */
    public float[] draw(long seed, int imageIndex, float temperature) {
        float[] latent = new float[size];
        for (int i = 0; i < size; i++) {
            latent[i] = (float) (tokens()
                    ? Math.floor(bundle.getLatent().getCodes() * CounterRandom.uniform(seed, imageIndex, i, 0))
                    : temperature * CounterRandom.normal(seed, imageIndex, i, 0));
        }
        return latent;
    }

    /** Levels of the n-th of decoded images. */
    public byte[] levels(float[] images, int n) {
        return planes.toLevels(images, n * planes.values());
    }

    @Override
    public void close() throws OrtException {
        if (encoder.isPresent()) {
            encoder.get().close();
        }
        decoder.close();
    }
}
