package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.Observation;
import io.scanline.contract.CounterRandom;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.evaluation.ImageFeatures;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.Unordered;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Peers;
import io.scanline.trainer.training.PrincipalFeatures;
import io.scanline.trainer.training.Recipe;
import io.scanline.trainer.training.TrainingRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole way of a generator from a recipe to a bundle that is read back, and what is measured of it. */
class GeneratorExporterTest {
    @TempDir
    private Path directory;

    private final ImageSet training = new SyntheticShapes(8, 8).draw(60, 1);
    private final ImageSet test = new SyntheticShapes(8, 8).draw(30, 2);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    private static Recipe.Source recipe(boolean classes) throws IOException {
        String text = Recipe.load("tiny-gan").text();
        return Recipe.parse(classes
                ? text
                : text.replace("classes: true", "classes: false").replace("embedding: 4", "embedding: 0"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void trainsExportsAndLoads(boolean classes) throws Exception {
        Recipe.Source source = recipe(classes);
        Recipe recipe = source.recipe();
        ImageGenerator network = (ImageGenerator) recipe.network(training);
        List<Double> losses = new ArrayList<>();
        List<String> reports = new ArrayList<>();
        Path written;
        try (TrainingRun run = new TrainingRun(
                recipe.training(), network, training, recipe.discretiser(), directory.resolve("run"), Precision.FP32, 3,
                Peers.NONE)) {
            run.train(3, point -> losses.add(point.training()));
            written = new GeneratorExporter(
                            source, network, run.average(), new TrainTest(training, test),
                            PrincipalFeatures.of(training), Dataset.getDefaultInstance(), 3, 0)
                    .export(directory.resolve("models"), reports::add, done -> {});
        }
        assertThat(losses).hasSize(3).allMatch(Double::isFinite);
        assertThat(reports).anyMatch(line -> line.contains("difference from libtorch"));

        StoredBundle stored = StoredBundle.read(written);
        Bundle bundle = stored.bundle();
        assertThat(stored.onlyDraws()).isTrue();
        assertThat(bundle.getFamily()).isEqualTo("gan");
        assertThat(bundle.getParameters()).isEqualTo(network.size());
        assertThat(bundle.getGraphsList()).extracting(Graph::getRole).containsExactly("decoder");
        assertThat(bundle.getLatent().getKind()).isEqualTo(LatentKind.LATENT_KIND_GAUSSIAN);
        assertThat(bundle.getLatent().getObservation()).isEqualTo(Observation.OBSERVATION_UNSPECIFIED);
        assertThat(bundle.hasConditioning()).isEqualTo(classes);
        assertThat(written.resolve("preview.png")).isNotEmptyFile();
        assertThat(written.resolve("nearest.png")).isNotEmptyFile();
        assertGoldenSamples(stored, written, classes);
    }

    /** What bundle.proto says of golden samples, computed here once more. */
    private static void assertGoldenSamples(StoredBundle stored, Path written, boolean classes) throws Exception {
        try (LatentSession session = new LatentSession(stored)) {
            for (int i = 0; i < 3; i++) {
                GoldenSample sample = stored.bundle().getGoldenSamples(i);
                assertThat(sample.getLatent()).isEmpty();
                assertThat(sample.getLabel()).isEqualTo(classes ? i : 0);
                float[] latent = new float[session.size()];
                for (int d = 0; d < latent.length; d++) {
                    latent[d] = (float) (sample.getTemperature() * CounterRandom.normal(sample.getSeed(), 0, d, 0));
                }
                float[] image = session.decode(latent, new long[] {sample.getLabel()}).get("image");
                ByteBuffer golden = ByteBuffer.wrap(Files.readAllBytes(written.resolve(sample.getLogits())))
                        .order(ByteOrder.LITTLE_ENDIAN);
                for (float intensity : image) {
                    assertThat(golden.getFloat()).isEqualTo(intensity).isBetween(0f, 1f);
                }
                assertThat(Files.readAllBytes(written.resolve(sample.getPixels())))
                        .isEqualTo(session.levels(image, 0));
            }
        }
    }

    private StoredBundle untrained() throws Exception {
        Recipe.Source source = recipe(true);
        ImageGenerator network = (ImageGenerator) source.recipe().network(training);
        Parameters parameters = Parameters.initial(network.parameters(), 1);
        Path written = new GeneratorExporter(
                        source, network, parameters, new TrainTest(training, test), PrincipalFeatures.of(training),
                        Dataset.getDefaultInstance(), 0, 0)
                .export(directory.resolve("models"), line -> {}, done -> {});
        return StoredBundle.read(written);
    }

    private static double figure(StoredBundle stored, String name) {
        return stored.bundle().getMetricsList().stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void samplesOfAnUntrainedGeneratorAreFarFromReal() throws Exception {
        StoredBundle stored = untrained();
        assertThat(stored.bundle().getMetrics(0).getName()).isEqualTo("frechet_distance");
        assertThat(figure(stored, "frechet_distance")).isGreaterThan(3 * figure(stored, "real_frechet_distance"));
        assertThat(figure(stored, "recall")).isLessThan(figure(stored, "real_recall"));
    }

    @Test
    void classChangesWhatIsDrawn() throws Exception {
        try (LatentSession session = new LatentSession(untrained())) {
            float[] latent = session.draw(3, 0, 1);
            assertThat(session.classes()).hasSize(training.classNames().size());
            assertThat(session.decode(latent, new long[] {0}).get("image"))
                    .isNotEqualTo(session.decode(latent, new long[] {1}).get("image"));
        }
    }

    /** A judge of two classes by the mean intensity, which is its only feature beside its negative. */
    private static StoredBundle judge(int width) {
        OnnxGraph graph = new OnnxGraph("classifier");
        String image = graph.input("image", DataType.FLOAT, new Object[] {"batch", 1, width, width});
        float[] weights = new float[2 * width * width];
        for (int i = 0; i < width * width; i++) {
            weights[2 * i] = 1f / (width * width);
            weights[2 * i + 1] = -1f / (width * width);
        }
        OnnxOps ops = new OnnxOps(graph, Map.of(), new Unordered());
        String means = ops.matmul(
                ops.reshape(image, -1, width * width), ops.constant(weights, width * width, 2));
        String logits = ops.add(means, ops.constant(new float[] {-0.2f, 0.2f}, 2));
        graph.node("", "Identity", List.of(means), List.of("features"));
        graph.node("", "Identity", List.of(logits), List.of("logits"));
        graph.output("features", DataType.FLOAT, new Object[] {"batch", 2});
        graph.output("logits", DataType.FLOAT, new Object[] {"batch", 2});
        Bundle description = Bundle.newBuilder()
                .setName("judge")
                .setVersion("1")
                .setGeometry(ImageGeometry.newBuilder().setWidth(width).setHeight(width).setChannels(1).setLevels(256))
                .addGraphs(Graph.newBuilder()
                        .setRole("classifier")
                        .setVariant("fp32")
                        .setFile("classifier.onnx")
                        .putAllTensors(Map.of("image", "image", "features", "features", "logits", "logits")))
                .build();
        return new StoredBundle(description, Map.of("classifier.onnx", graph.build().toByteArray()));
    }

    @Test
    void classifierDescribesAndJudgesImages() throws Exception {
        ImageFeatures judge = ClassifierFeatures.of(judge(8), test);
        ImageFeatures.Described described = judge.describe(test);
        assertThat(judge.name()).contains("judge/1");
        for (int n = 0; n < test.size(); n++) {
            double mean = 0;
            for (byte value : test.image(n)) {
                mean += (value & 0xFF) / 255.0 / 64;
            }
            assertThat(described.features()[n][0]).isCloseTo(mean, within(1e-5));
            assertThat(described.classes().orElseThrow()[n]).isEqualTo(mean > 0.2 ? 0 : 1);
        }
        assertThatThrownBy(() -> ClassifierFeatures.of(judge(4), test))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("judge judges images of 4 x 4 x 1");
        assertThatThrownBy(() -> ClassifierFeatures.of(new StoredBundle(judge(8).bundle().toBuilder().clearGraphs().build(),
                        Map.of()), test))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("classifier");
    }

    /** Features that judge an image by its first value: what covers which class is known. */
    private record FirstValue() implements ImageFeatures {
        @Override
        public String name() {
            return "first values";
        }

        @Override
        public Described describe(ImageSet images) {
            double[][] features = new double[images.size()][2];
            int[] classes = new int[images.size()];
            for (int n = 0; n < images.size(); n++) {
                features[n] = new double[] {images.image(n)[0] & 0xFF, n % 7};
                classes[n] = images.image(n)[0] & 0xFF;
            }
            return new Described(features, Optional.of(classes));
        }
    }

    @Test
    void classesThatNoSampleIsOfAreNotCovered() throws Exception {
        int classes = test.classNames().size();
        byte[] values = test.values().clone();
        int[] labels = test.labels().clone();
        for (int n = 0; n < labels.length; n++) {
            labels[n] = n % classes;
            values[n * 64] = (byte) labels[n];
        }
        ImageSet marked = new ImageSet(values, labels, 8, 8, 1, 256, test.classNames());
        var figures = new GeneratorFigures(untrained(), "shapes", 30).of(marked, marked, new FirstValue(), done -> {});
        assertThat(figures).filteredOn(metric -> metric.getName().equals("classes_covered"))
                .singleElement()
                .satisfies(metric -> {
                    assertThat(metric.getValue()).isLessThan(classes); // first values of samples are intensities
                    assertThat(metric.getUnit()).isEqualTo("classes of " + classes);
                });
        assertThat(figures).filteredOn(metric -> metric.getName().equals("real_class_agreement"))
                .singleElement()
                .satisfies(metric -> assertThat(metric.getValue()).isEqualTo(1));
    }
}
