package io.scanline.trainer.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.bundle.v1.Captioning;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.ImagePlanes;
import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.text.CaptionTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Puts images into words by a bundle's graphs: a batch of images at a time, whose captions grow in step, always by the likeliest
 * id, the first of several. Images are levels in raster order. Not safe for use by several threads.
 */
public final class CaptionSession implements AutoCloseable {
    /** Role of the graph from images to what their sequences begin with. */
    static final String PREFIX_GRAPH = "image_prefix";
    /** Role of the graph from positions of sequences to logits. */
    static final String STEP = "text_step";
    /** Contract names. */
    static final String PREFIX = "prefix";

    static final String VECTOR = "vector";
    static final String TOKEN = "token";
    static final String POSITION = "position";
    static final String LOGITS = "logits";

    private final StoredBundle stored;
    private final Captioning captioning;
    private final ImagePlanes planes;
    private final GraphSession prefix;
    private final Graph step;
    private final OrtSession session;
    private final TextTokenizer tokenizer;

    /**
     * What is said of an image.
     *
     * @param ids from the one that begins a text on, the one that ends it included if it came to one
     * @param logits (ids - 1, V): of every id but the first
     */
    public record Said(int[] ids, float[][] logits) {}

    /** Sessions of a bundle's graphs. */
    public CaptionSession(StoredBundle stored) throws OrtException, IOException {
        this.stored = stored;
        this.captioning = stored.bundle().getCaptioning();
        this.planes = new ImagePlanes(stored.bundle().getGeometry());
        this.prefix = new GraphSession(stored, PREFIX_GRAPH, "image");
        this.step = stored.required(STEP);
        this.session = stored.session(step);
        this.tokenizer = VisionSession.tokenizer(stored);
    }

    /** Its tokenizer of texts. */
    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    /** What the sequences of images begin with, one image behind the other. */
    float[] prefix(List<byte[]> images) throws OrtException {
        float[] intensities = new float[images.size() * planes.values()];
        for (int n = 0; n < images.size(); n++) {
            planes.fromLevels(images.get(n), intensities, n * planes.values());
        }
        return prefix.run(intensities, images.size()).get(PREFIX);
    }

    /** What is said of images. */
    public List<Said> say(List<byte[]> images) throws OrtException {
        int batch = images.size();
        int context = stored.bundle().getTextInput().getContext();
        int begin = captioning.getPrefix();
        int[][] ids = new int[batch][context];
        int[] lengths = new int[batch];
        List<List<float[]>> logits = new ArrayList<>();
        images.forEach(image -> logits.add(new ArrayList<>()));
        long[] next = new long[batch];
        Arrays.fill(next, captioning.getBegin());
        for (int n = 0; n < batch; n++) {
            ids[n][0] = captioning.getBegin();
        }
        Arrays.fill(lengths, 1);
        try (Sequences sequences = new Sequences(prefix(images), batch)) {
            for (int text = 1; text < context && Arrays.stream(next).anyMatch(id -> id != captioning.getEnd()); text++) {
                float[] answer = text == 1
                        ? sequences.logits(next, 0, begin + 1)
                        : sequences.logits(next, begin + text - 1, 1);
                int positions = answer.length / batch / captioning.getVocabulary();
                for (int n = 0; n < batch; n++) {
                    if (next[n] != captioning.getEnd()) {
                        int from = ((n + 1) * positions - 1) * captioning.getVocabulary(); // of the last position
                        float[] last = Arrays.copyOfRange(answer, from, from + captioning.getVocabulary());
                        next[n] = VisionFigures.likeliest(last, 0, last.length);
                        logits.get(n).add(last);
                        ids[n][lengths[n]++] = (int) next[n];
                    }
                }
            }
        }
        return IntStream.range(0, batch)
                .mapToObj(n -> new Said(Arrays.copyOf(ids[n], lengths[n]), logits.get(n).toArray(float[][]::new)))
                .toList();
    }

    /** The text of ids, those that begin and end it left out. */
    public String text(int... ids) {
        return tokenizer.text(Arrays.stream(ids)
                .filter(id -> id != captioning.getBegin() && id != captioning.getEnd())
                .toArray());
    }

    /** A text as its ids spell it: what is too long for the model loses words at its end. */
    String spelled(String text) {
        CaptionTexts.Tokens ids = CaptionTexts.tokens(tokenizer, List.of(text));
        return text(Arrays.stream(ids.tokens()).limit(ids.lengths()[0]).mapToInt(Math::toIntExact).toArray());
    }

    /** Sequences of a batch of images, with the state of their positions so far. */
    final class Sequences implements AutoCloseable {
        private final float[] vectors;
        private final int batch;
        private final KeyValueState state;

        /** Those of images that begin with these vectors. */
        Sequences(float[] vectors, int batch) throws OrtException {
            this.vectors = vectors;
            this.batch = batch;
            this.state = new KeyValueState(step, batch);
        }

        /**
         * Logits at some positions, those before having been computed before.
         *
         * @param tokens (B, positions of text among these)
         * @param first of the positions
         * @param count of them
         * @return (B, count, V)
         */
        float[] logits(long[] tokens, int first, int count) throws OrtException {
            int begin = captioning.getPrefix();
            int width = captioning.getWidth();
            int texts = tokens.length / batch;
            try (HostTensor vector = HostTensor.ofFloats(batch, count, width);
                    HostTensor token = HostTensor.ofLongs(batch, count);
                    HostTensor position = HostTensor.ofLongs(batch, count);
                    HostTensor result = HostTensor.ofFloats(batch, count, captioning.getVocabulary())) {
                for (int n = 0; n < batch; n++) {
                    for (int i = 0; i < count; i++) {
                        int at = first + i;
                        position.longs().put(n * count + i, at);
                        if (at < begin) {
                            vector.floats().put((n * count + i) * width, vectors, (n * begin + at) * width, width);
                        } else {
                            token.longs().put(n * count + i, tokens[n * texts + at - Math.max(begin, first)]);
                        }
                    }
                }
                Map<String, OnnxTensor> inputs = new HashMap<>();
                Map<String, OnnxTensor> outputs = new HashMap<>();
                inputs.put(step.getTensorsOrThrow(VECTOR), vector.tensor());
                inputs.put(step.getTensorsOrThrow(TOKEN), token.tensor());
                inputs.put(step.getTensorsOrThrow(POSITION), position.tensor());
                outputs.put(step.getTensorsOrThrow(LOGITS), result.tensor());
                state.feed(new StepState.Run(List.of(), new int[batch], first, count), inputs, outputs);
                session.run(inputs, outputs).close();
                float[] logits = new float[batch * count * captioning.getVocabulary()];
                result.floats().get(logits);
                return logits;
            }
        }

        @Override
        public void close() {
            state.close();
        }
    }

    @Override
    public void close() throws OrtException {
        prefix.close();
        session.close();
        tokenizer.close();
    }
}
