package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the bundle of a prior over codes, one that was never trained. */
class PriorExporterTest {
    @TempDir
    private static Path models;

    private static Tokenizer tokenizer;
    private static long parameters;
    private static Path directory;
    private static StoredBundle stored;

    @BeforeAll
    static void export() throws Exception {
        Libtorch.load();
        Recipe.Source source = Recipe.load("tiny-prior");
        tokenizer = TinyTokenizer.of(source.recipe(), models, 1);
        CodeGrids grids = new CodeGrids(tokenizer.stored(), 1);
        SyntheticShapes shapes = new SyntheticShapes(8, 8);
        TrainTest codes = new TrainTest(
                grids.of(shapes.draw(60, 1), done -> {}), grids.of(shapes.draw(20, 2), done -> {}));
        AutoregressiveNetwork network = (AutoregressiveNetwork) source.recipe().network(codes.training());
        parameters = network.size();
        directory = new PriorExporter(
                        source.withTokenizer(tokenizer.digest()),
                        network,
                        Parameters.initial(network.parameters(), 1),
                        tokenizer,
                        codes,
                        Dataset.getDefaultInstance(),
                        0,
                        0)
                .export(models, 1, line -> {}, done -> {});
        stored = StoredBundle.read(directory);
    }

    @Test
    void imageIsTheTokenizersAndTheValuesAreItsCodes() {
        Bundle bundle = stored.bundle();
        Bundle images = tokenizer.stored().bundle();
        assertThat(stored.drawsCodes()).isTrue();
        assertThat(bundle.getFamily()).isEqualTo("token-prior");
        assertThat(bundle.getGeometry()).isEqualTo(images.getGeometry());
        assertThat(bundle.getLatent()).isEqualTo(images.getLatent());
        assertThat(bundle.getAutoregression().getSteps()).isEqualTo(16);
        assertThat(bundle.getConditioning().getClassNamesCount()).isEqualTo(3);
        assertThat(bundle.getParameters()).isEqualTo(parameters + images.getParameters());
        assertThat(bundle.getProvenance().getRecipe()).contains("tokenizerDigest: " + tokenizer.digest());
        assertThat(Files.exists(directory.resolve("preview.png"))).isTrue();
    }

    @Test
    void graphsOfTheTokenizerAreCopiedByteForByte() {
        assertThat(stored.bundle().getGraphsList()).extracting("role").containsExactly("step", "encoder", "decoder");
        for (String role : LatentSession.ROLES) {
            Graph copy = stored.required(role);
            Graph original = tokenizer.stored().required(role);
            assertThat(copy).isEqualTo(original);
            assertThat(stored.onnx(copy)).isEqualTo(tokenizer.stored().onnx(original));
            assertThat(copy.containsTensors("label")).isFalse();
        }
        assertThat(stored.required("step").containsTensors("label")).isTrue();
        assertThat(stored.required("step").getState().getKeyValueCache().getPositions()).isEqualTo(16);
    }

    @Test
    void goldenSamplesAreAllCodesWithTheirImageAndItsCodes() throws Exception {
        assertThat(stored.bundle().getGoldenSamplesList()).extracting("label").containsExactly(0, 1, 2);
        StoredBundle grid = stored.drawn();
        try (StepSession steps = new StepSession(grid, 1);
                LatentSession latents = new LatentSession(stored)) {
            for (GoldenSample sample : stored.bundle().getGoldenSamplesList()) {
                byte[] codes = Files.readAllBytes(directory.resolve(sample.getPixels()));
                int[] labels = {sample.getLabel()};
                assertThat(codes).hasSize(16);
                assertThat(new Sampler(grid.bundle(), steps).draw(labels, sample.getSeed(), 0, sample.getTemperature()))
                        .containsExactly(codes);
                assertThat(floats(sample.getLogits())).isEqualTo(steps.stepLogits(List.of(codes), labels));
                float[] image = latents.decode(codes).get("image");
                assertThat(floats(sample.getDecoded())).isEqualTo(image).hasSize(64);
                float[] encoded = latents.encode(List.of(latents.levels(image, 0))).get("tokens");
                ByteBuffer kept = bytes(sample.getLatent());
                assertThat(kept.remaining()).isEqualTo(16 * Integer.BYTES);
                for (float code : encoded) {
                    assertThat(kept.getInt()).isEqualTo((int) code);
                }
            }
        }
    }

    @Test
    void figuresStandBesideWhatCountingGives() {
        Map<String, Metric> figures = stored.bundle().getMetricsList().stream()
                .collect(Collectors.toMap(Metric::getName, metric -> metric));
        assertThat(stored.bundle().getMetrics(0).getName()).isEqualTo("bits_per_code");
        assertThat(stored.bundle().getMetrics(0).getProtocol())
                .contains("4 x 4 codes of 8 of the tokenizer tiny-vq/1", "given the class", "step graph");
        double bits = figures.get("bits_per_code").getValue();
        assertThat(figures.get("negative_log_likelihood").getValue()).isCloseTo(bits * 16 * Math.log(2), within(1e-9));
        assertThat(figures.get("uniform_floor").getValue()).isCloseTo(3, within(1e-12));
        assertThat(figures.get("counted_floor").getValue())
                .isLessThanOrEqualTo(figures.get("position_floor").getValue())
                .isLessThanOrEqualTo(figures.get("unigram_floor").getValue())
                .isPositive();
        assertThat(figures.get("perplexity").getValue()).isBetween(1.0, 8.0);
        assertThat(figures.get("code_usage").getValue()).isBetween(1 / 8.0, 1.0);
    }

    private static ByteBuffer bytes(String file) throws Exception {
        return ByteBuffer.wrap(Files.readAllBytes(directory.resolve(file))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static float[] floats(String file) throws Exception {
        ByteBuffer bytes = bytes(file);
        float[] numbers = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(numbers);
        return numbers;
    }
}
