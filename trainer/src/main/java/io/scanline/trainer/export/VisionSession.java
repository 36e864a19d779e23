package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.ImagePlanes;
import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.text.CaptionTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the graphs of a bundle that looks at images and texts. Images are levels in raster order; vectors are floats, those
 * of several inputs one behind the other. Not safe for use by several threads.
 */
public final class VisionSession implements AutoCloseable {
    /** Role of the graph from images to vectors. */
    static final String IMAGE_ENCODER = "image_encoder";
    /** Role of the graph from texts to vectors. */
    static final String TEXT_ENCODER = "text_encoder";
    /** Role of the graph from images to logits of classes. */
    static final String CLASSIFIER = "classifier";
    /** Name of vectors. */
    static final String EMBEDDING = "embedding";

    private final Bundle bundle;
    private final ImagePlanes planes;
    private final List<GraphSession> images = new ArrayList<>();
    private final Optional<GraphSession> texts;
    private final Optional<TextTokenizer> tokenizer;

    /** Sessions of a bundle's graphs. */
    public VisionSession(StoredBundle stored) throws OrtException, IOException {
        bundle = stored.bundle();
        planes = new ImagePlanes(bundle.getGeometry());
        for (String role : List.of(IMAGE_ENCODER, CLASSIFIER)) {
            if (stored.graph(role).isPresent()) {
                images.add(new GraphSession(stored, role, "image"));
            }
        }
        boolean reads = stored.graph(TEXT_ENCODER).isPresent();
        texts = reads ? Optional.of(new GraphSession(stored, TEXT_ENCODER, "tokens", "lengths")) : Optional.empty();
        tokenizer = reads ? Optional.of(tokenizer(stored)) : Optional.empty();
    }

    /** The tokenizer of texts in a bundle. */
    static TextTokenizer tokenizer(StoredBundle stored) throws IOException {
        return TextTokenizer.read(
                stored.graphs().get(stored.bundle().getTextInput().getTokenizer()), stored.bundle().getTextInput());
    }

    /** The bundle. */
    public Bundle bundle() {
        return bundle;
    }

    /** Its tokenizer of texts. */
    public TextTokenizer tokenizer() {
        return tokenizer.orElseThrow(() -> new IllegalArgumentException("the bundle takes no texts"));
    }

    /** What the image encoder and the classifier say of images, by contract name. */
    public Map<String, float[]> look(List<byte[]> some) throws OrtException {
        float[] intensities = new float[some.size() * planes.values()];
        for (int n = 0; n < some.size(); n++) {
            planes.fromLevels(some.get(n), intensities, n * planes.values());
        }
        Map<String, float[]> answers = new HashMap<>();
        for (GraphSession graph : images) {
            answers.putAll(graph.run(intensities, some.size()));
        }
        return answers;
    }

    /** Vectors of texts. */
    public float[] read(CaptionTexts.Tokens some) throws OrtException {
        GraphSession encoder = texts.orElseThrow(() -> new IllegalArgumentException("the bundle takes no texts"));
        return encoder.run(List.of(floats(some.tokens()), floats(some.lengths())), some.lengths().length).get(EMBEDDING);
    }

    /** The same numbers, whole. */
    static float[] floats(long[] numbers) {
        float[] floats = new float[numbers.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = numbers[i];
        }
        return floats;
    }

    @Override
    public void close() throws OrtException {
        for (GraphSession graph : images) {
            graph.close();
        }
        if (texts.isPresent()) {
            texts.get().close();
        }
        tokenizer.ifPresent(TextTokenizer::close);
    }
}
