package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.PictureFit;
import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.RivalTexts;
import io.scanline.trainer.text.Vocabulary;
import io.scanline.trainer.training.Contrastive;
import io.scanline.trainer.training.Objective;
import io.scanline.trainer.training.Peers;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.TrainingRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles of the families that look at images: what they hold, and that a batch changes nothing. */
class VisionExportTest {
    private static final int STEPS = 3;

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @ParameterizedTest
    @ValueSource(strings = {"tiny-vit", "tiny-clip", "tiny-siglip", "tiny-oriented-clip"})
    void answersAreThoseOfTheBundleWhateverTheBatch(String name, @TempDir Path directory) throws Exception {
        Recipe.Source source = recipe(name);
        Recipe recipe = source.recipe();
        CaptionedImages drawn = drawn(recipe);
        CaptionedImages images = drawn.fixed(recipe.discretiser());
        ImageNetwork network = recipe.network(images.images().training());
        byte[] tokenizer = network instanceof Clip clip ? tokenizer(recipe, drawn, clip) : new byte[0];
        Path bundle;
        try (TrainingRun run = new TrainingRun(
                recipe.training(),
                objective(recipe, drawn, network, tokenizer),
                drawn.images().training(),
                recipe.discretiser(),
                directory.resolve("run"),
                Precision.FP32,
                STEPS,
                Peers.NONE)) {
            run.train(STEPS, point -> {});
            Dataset dataset = Dataset.getDefaultInstance();
            Path models = directory.resolve("models");
            bundle = network instanceof Clip clip
                    ? new EmbeddingExporter(
                                    source, clip, run.average(), images, recipe.captions().wording(), tokenizer, 255,
                                    dataset, STEPS, 0)
                            .export(models, 1, line -> {}, done -> {})
                    : new ClassifierExporter(
                                    source, (VisionTransformer) network, run.average(), images.images().test(), 0, dataset,
                                    STEPS, 0)
                            .export(models, 1, line -> {}, done -> {});
        }
        StoredBundle stored = StoredBundle.read(bundle);
        assertThat(stored.looks()).isTrue();
        assertThat(stored.bundle().getFamily()).isEqualTo(recipe.family());
        assertThat(stored.bundle().getPictureInput().getFit()).isEqualTo(PictureFit.PICTURE_FIT_COVER);
        assertThat(stored.bundle().getEmbedding().getBias()).isEqualTo(name.equals("tiny-siglip") ? -10 : 0, within(0.1f));
        GoldenReplay.check(stored, bundle);
        assertThatABatchChangesNothing(stored, images.images().test());
        ImageSet test = images.images().test();
        List<Metric> figures = network instanceof Clip
                ? new VisionFigures(stored, "", 2, done -> {}).embedding(images)
                : new VisionFigures(stored, "", 2, done -> {}).classifier(test, test.size());
        assertThat(figures).isEqualTo(stored.bundle().getMetricsList());
        assertThat(figures).allSatisfy(figure -> assertThat(figure.getValue()).isNotNegative());
    }

    /** Bit for bit, so that what is asked for at the same time decides nothing. */
    private static void assertThatABatchChangesNothing(StoredBundle stored, ImageSet test) throws Exception {
        try (VisionSession session = new VisionSession(stored)) {
            List<byte[]> all = VisionParity.images(test);
            Map<String, float[]> together = session.look(all);
            for (Map.Entry<String, float[]> answer : together.entrySet()) {
                int width = answer.getValue().length / all.size();
                for (int n = 0; n < all.size(); n++) {
                    assertThat(session.look(List.of(all.get(n))).get(answer.getKey()))
                            .isEqualTo(Arrays.copyOfRange(answer.getValue(), n * width, (n + 1) * width));
                }
            }
            if (stored.bundle().hasEmbedding()) {
                List<String> texts = List.of("red circle above blue square", "", "black cross");
                float[] vectors = VisionFigures.read(session, texts);
                int width = vectors.length / texts.size();
                for (int n = 0; n < texts.size(); n++) {
                    assertThat(VisionFigures.read(session, List.of(texts.get(n))))
                            .isEqualTo(Arrays.copyOfRange(vectors, n * width, (n + 1) * width));
                }
            }
        }
    }

    private static CaptionedImages drawn(Recipe recipe) {
        if (recipe.captions() == null) {
            SyntheticShapes shapes = new SyntheticShapes(8, 8);
            return new CaptionedImages(new TrainTest(shapes.draw(16, 1), shapes.draw(5, 2)), Optional.empty(), List.of());
        }
        CaptionedImages all = new CaptionedShapes(16, 1).draw();
        TrainTest few = new TrainTest(
                all.images().training().select(IntStream.range(0, 32).map(n -> 25 * n).toArray()),
                all.images().test().first(8));
        List<Caption> captions = all.captions().stream()
                .map(caption -> new Caption(List.of(caption.text()), List.of(), "", caption.subject()))
                .toList();
        TrainTest seen = recipe.name().equals("tiny-oriented-clip")
                ? new TrainTest(cutOut(few.training()), cutOut(few.test()))
                : few;
        return new CaptionedImages(seen, Optional.of(seen.test()), captions);
    }

    /** The same with an alpha channel, in which what has the colour of the first pixel is transparent. */
    private static ImageSet cutOut(ImageSet images) {
        int pixels = images.width() * images.height();
        byte[] values = new byte[images.size() * pixels * 4];
        for (int n = 0; n < images.size(); n++) {
            byte[] image = images.image(n);
            for (int pixel = 0; pixel < pixels; pixel++) {
                boolean shown = !Arrays.equals(image, 0, 3, image, 3 * pixel, 3 * pixel + 3);
                int at = (n * pixels + pixel) * 4;
                System.arraycopy(image, 3 * pixel, values, at, 3);
                values[at + 3] = (byte) (shown ? 255 : 0);
            }
        }
        return new ImageSet(values, images.labels(), images.width(), images.height(), 4, 256, images.classNames());
    }

    private static byte[] tokenizer(Recipe recipe, CaptionedImages images, Clip network) {
        int most = network.config().text().vocabulary();
        return CaptionTexts.vocabulary(images.captions(), recipe.captions().wording(), most).json();
    }

    private static Objective objective(Recipe recipe, CaptionedImages images, ImageNetwork network, byte[] tokenizer)
            throws IOException {
        if (network instanceof Clip clip) {
            TextTokenizer reader = TextTokenizer.read(tokenizer, Vocabulary.input(clip.config().text().context()));
            CaptionTexts texts = new CaptionTexts(images.captions(), recipe.captions().wording(), reader);
            return new Contrastive(clip, texts, RivalTexts.NONE);
        }
        return Objective.of(network);
    }

    /** A recipe that needs no warming up and has images as they are. */
    private static Recipe.Source recipe(String name) throws IOException {
        try (InputStream in = VisionExportTest.class.getResourceAsStream("/recipes/" + name + ".yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return Recipe.parse(text.replaceAll("warmup: \\d+", "warmup: 0")
                    .replaceAll("validationImages: \\d+", "validationImages: 0")
                    .replaceAll("flip: true", "flip: false")
                    .replaceAll("templates: .*", "templates: [\"{}\"]")
                    .replaceAll(
                            "batch: 32\n  workers: 2\n  learningRate: 3.0e-3",
                            "batch: 32\n  workers: 1\n  learningRate: 3.0e-4"));
        }
    }
}
