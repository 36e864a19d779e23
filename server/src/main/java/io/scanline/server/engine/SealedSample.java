package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.CpuKind;
import io.scanline.contract.GaussianPosterior;
import io.scanline.contract.TextTokenizer;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A golden sample made of what the graphs of a model answer on this machine: of an image of random levels and a text,
 * or of a latent. It proves that they answer so ever after, not that they are right.
 */
final class SealedSample {
    private static final String TEXT = "a picture";
    private static final long SEED = 1;
    private static final double TOLERANCE = 1e-4; // on another CPU kind
    private static final double BYTE_TOLERANCE = 1.5 / 255; // where an answer is rounded to bytes

    private final Bundle bundle;
    private final GoldenSample.Builder sample = GoldenSample.newBuilder();
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    private SealedSample(Bundle bundle) {
        this.bundle = bundle;
        boolean rounded = bundle.getGraphsList().stream()
                .anyMatch(graph -> graph.getRole().equals(LatentDescription.DECODER)
                        && graph.getFormsMap().values().stream()
                                .anyMatch(form -> form.getElement() == Element.ELEMENT_UINT8));
        sample.setCpuKind(CpuKind.current()).setAtol(rounded ? BYTE_TOLERANCE : TOLERANCE).setRtol(TOLERANCE);
    }

    /**
     * Runs the graphs of a model once.
     *
     * @throws EngineException BUNDLE_GRAPH_INVALID when they cannot be loaded, do not run, or answer with numbers that
     *     are not finite; BUNDLE_DESCRIPTION_INVALID of a model that draws values or tells words one by one
     */
    static SealedSample of(VerifiedBundle unproved, int threads) throws EngineException {
        Bundle bundle = unproved.bundle();
        BundleDescription.require(
                !bundle.hasAutoregression(),
                "there are no golden samples, and those of a model that draws one value after another are made by its "
                        + "trainer");
        BundleDescription.require(
                !CaptionDescription.captions(bundle),
                "there are no golden samples, and those of a model that puts images into words are made by its "
                        + "trainer");
        SealedSample sealed = new SealedSample(bundle);
        try {
            if (LookDescription.looks(bundle)) {
                sealed.look(unproved, threads);
            } else {
                sealed.decode(unproved, threads);
            }
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph cannot be used: " + failed.getMessage(), failed);
        }
        return sealed;
    }

    /** The sample. */
    GoldenSample sample() {
        return sample.build();
    }

    /** Its files by their paths in the bundle. */
    Map<String, byte[]> files() {
        return files;
    }

    private String put(String what, byte[] content) {
        String path = "golden/0." + what;
        files.put(path, content);
        return path;
    }

    private void look(VerifiedBundle unproved, int threads) throws EngineException, GraphException {
        try (LoadedLookModel model = LoadedLookModel.load(unproved, Compute.cpu(threads)); LookCodec codec = model.newCodec(1)) {
            byte[] levels = new byte[ValueGrid.image(bundle).values()];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = (byte) (bundle.getGeometry().getLevels() * CounterRandom.uniform(SEED, 0, i, 0));
            }
            sample.setSteps(levels.length).setPixels(put("pixels", levels));
            Shown.Image image = new Shown.Image(levels);
            if (bundle.hasEmbedding()) {
                sample.setEmbedding(put("embedding", floats(answer(codec, Stage.EMBED_IMAGE, image))));
            }
            if (bundle.hasClassifier()) {
                sample.setLogits(put("logits", floats(answer(codec, Stage.CLASSIFY, image))));
            }
            if (LookDescription.takesText(bundle)) {
                int[] ids = ids(model.tokenizer().orElseThrow());
                sample.setText(TEXT).setTextTokens(put("tokens", integers(ids)));
                sample.setTextEmbedding(put(
                        "text", floats(answer(codec, Stage.EMBED_TEXT, new Shown.Tokens(ids)))));
            }
        }
    }

    private static int[] ids(TextTokenizer tokenizer) throws EngineException {
        try {
            return tokenizer.ids(TEXT);
        } catch (TextTokenizer.TooLong tooLong) {
            throw EngineException.caused(
                    Reason.BUNDLE_TOKENIZER_INVALID, "the text \"" + TEXT + "\": " + tooLong.getMessage(), tooLong);
        }
    }

    private static float[] answer(LookCodec codec, Stage stage, Shown shown) throws GraphException {
        codec.put(stage, 0, shown);
        codec.program(stage).run(1);
        return codec.answer(stage, 0);
    }

    private void decode(VerifiedBundle unproved, int threads) throws EngineException, GraphException {
        sample.setSeed(SEED).setTemperature(1).setSteps(ValueGrid.image(bundle).values());
        try (LoadedLatentModel model = LoadedLatentModel.load(unproved, Compute.cpu(threads));
                LatentCodec codec = model.newCodec(1)) {
            codec.putLatent(0, GoldenImage.drawn(bundle, sample.build()), sample.getLabel());
            codec.program(Stage.DECODE).run(1);
            byte[] levels = codec.image(0);
            sample.setPixels(put("pixels", levels));
            sample.setLogits(put("image", floats(codec.program(Stage.DECODE).floatOutput("image"))));
            if (codec.encodes()) {
                codec.putImage(0, levels, sample.getLabel());
                codec.program(Stage.ENCODE).run(1);
                sample.setLatent(put("latent", encoded(codec)));
            }
        }
    }

    private byte[] encoded(LatentCodec codec) throws GraphException {
        return switch (bundle.getLatent().getKind()) {
            case LATENT_KIND_TOKENS -> integers(((Latent.Tokens) codec.latent(0)).codes());
            case LATENT_KIND_VECTOR -> floats(((Latent.Vector) codec.latent(0)).values());
            default -> {
                GaussianPosterior posterior = codec.posterior(0);
                yield floats(posterior.mean(), posterior.logVariance());
            }
        };
    }

    private static byte[] floats(float[]... arrays) {
        int numbers = IntStream.range(0, arrays.length).map(i -> arrays[i].length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(numbers * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] array : arrays) {
            for (float number : array) {
                bytes.putFloat(number);
            }
        }
        return bytes.array();
    }

    private static byte[] integers(int[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(numbers);
        return bytes.array();
    }
}
