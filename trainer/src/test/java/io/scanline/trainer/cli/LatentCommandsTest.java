package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.LatentKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** train, export, evaluate and sample of the latent families. */
class LatentCommandsTest {
    @TempDir
    private Path directory;

    @Test
    void autoencoder() throws IOException {
        Bundle bundle = export("tiny-ae");
        assertThat(bundle.getLatent().getKind()).isEqualTo(LatentKind.LATENT_KIND_VECTOR);
        assertThat(bundle.getLatent().getShapeList()).containsExactly(6);
        assertThat(figure(bundle, "squared_error")).isPositive();
        assertThat(figure(bundle, "psnr")).isCloseTo(-10 * Math.log10(figure(bundle, "squared_error")), within(1e-9));
        assertThat(figure(bundle, "pca_squared_error")).isPositive();
        JsonNode row = evaluate("tiny-ae");
        assertThat(row.get("metric").asText()).isEqualTo("squared_error");
        assertThat(row.get("value").asDouble()).isCloseTo(figure(bundle, "squared_error"), within(1e-9));
        assertThat(row.get("floor").asDouble()).isCloseTo(figure(bundle, "pca_squared_error"), within(1e-9));
        golden(bundle, "tiny-ae", 6 * Float.BYTES);
        sample("tiny-ae");
    }

    @Test
    void variationalAutoencoder() throws IOException {
        Bundle bundle = export("tiny-vae");
        assertThat(bundle.getLatent().getKind()).isEqualTo(LatentKind.LATENT_KIND_GAUSSIAN);
        assertThat(figure(bundle, "bits_per_dim_bound")).isBetween(0.1, 10.0);
        assertThat(figure(bundle, "bits_per_dim_bound_50")).isLessThan(figure(bundle, "bits_per_dim_bound"));
        assertThat(figure(bundle, "counted_floor")).isCloseTo(0.1763, within(1e-3));
        JsonNode row = evaluate("tiny-vae");
        assertThat(row.get("metric").asText()).isEqualTo("bits_per_dim_bound");
        assertThat(row.get("value").asDouble()).isCloseTo(figure(bundle, "bits_per_dim_bound"), within(1e-9));
        assertThat(row.get("published_best").isNull()).isTrue();
        assertThat(row.get("figures").get("psnr").asDouble()).isPositive();
        golden(bundle, "tiny-vae", 2 * 4 * Float.BYTES);
        sample("tiny-vae");
    }

    @Test
    void vectorQuantisedAutoencoder() throws IOException {
        Bundle bundle = export("tiny-vq");
        assertThat(bundle.getLatent().getKind()).isEqualTo(LatentKind.LATENT_KIND_TOKENS);
        assertThat(bundle.getLatent().getShapeList()).containsExactly(4, 4);
        assertThat(bundle.getLatent().getCodes()).isEqualTo(8);
        assertThat(figure(bundle, "bits_per_image")).isCloseTo(16 * 3, within(1e-9));
        assertThat(figure(bundle, "code_usage")).isBetween(0.25, 1.0);
        assertThat(figure(bundle, "perplexity")).isBetween(1.5, 8.0);
        assertThat(evaluate("tiny-vq").get("floor").isNull()).isTrue();
        golden(bundle, "tiny-vq", 16 * Integer.BYTES);
        sample("tiny-vq");
    }

    /** A tokenizer like that of a VQ-VAE. */
    @Test
    void vectorQuantisedGan() throws IOException {
        Bundle bundle = export("tiny-vqgan");
        assertThat(bundle.getFamily()).isEqualTo("vq-gan");
        assertThat(bundle.getLatent().getKind()).isEqualTo(LatentKind.LATENT_KIND_TOKENS);
        assertThat(figure(bundle, "bits_per_image")).isCloseTo(16 * 3, within(1e-9));
        assertThat(figure(bundle, "sharpness")).isBetween(0.1, 3.0);
        golden(bundle, "tiny-vqgan", 16 * Integer.BYTES);
    }

    private Bundle export(String recipe) throws IOException {
        String run = directory.resolve("run").toString();
        CommandRun train = CommandRun.of("train", recipe, "--out", run, "--steps", "40", "--precision", "fp32");
        assertThat(train.exitCode()).as(train.err()).isZero();
        CommandRun export = CommandRun.of("export", run, "--out", directory.resolve("models").toString());
        assertThat(export.exitCode()).as(export.err()).isZero();
        assertThat(export.out()).contains("tolerated difference").contains("scanline-server.jar serve");
        Path bundle = directory.resolve("models").resolve(recipe).resolve("1");
        assertThat(bundle.resolve("preview.png")).isNotEmptyFile();
        Bundle.Builder description = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(bundle.resolve("bundle.json")), description);
        assertThat(description.hasAutoregression()).isFalse();
        assertThat(description.getGraphsList()).extracting("role").containsExactly("encoder", "decoder");
        return description.build();
    }

    private static double figure(Bundle bundle, String name) {
        return bundle.getMetricsList().stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    private JsonNode evaluate(String recipe) throws IOException {
        CommandRun run = CommandRun.of("evaluate", directory.resolve("models/" + recipe).toString(), "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).hasLineCount(1);
        String bundle = directory.resolve("models/" + recipe).toString();
        CommandRun people = CommandRun.of("evaluate", bundle, "--images", "20");
        assertThat(people.out()).contains("the first 20 of 200 test images").contains("published: no figure");
        return new ObjectMapper().readTree(run.out());
    }

    private void golden(Bundle bundle, String recipe, int latentBytes) throws IOException {
        Path root = directory.resolve("models").resolve(recipe).resolve("1");
        assertThat(bundle.getGoldenSamplesList()).hasSize(3);
        for (GoldenSample sample : bundle.getGoldenSamplesList()) {
            byte[] levels = Files.readAllBytes(root.resolve(sample.getPixels()));
            ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(root.resolve(sample.getLogits())))
                    .order(ByteOrder.LITTLE_ENDIAN);
            assertThat(levels).hasSize(64).hasSize(sample.getSteps());
            for (int i = 0; i < levels.length; i++) {
                int highest = bundle.getGeometry().getLevels() - 1;
                double shown = Math.floor(image.getFloat(4 * i) * highest + 0.5);
                assertThat(levels[i] & 0xFF).isEqualTo((int) Math.max(0, Math.min(highest, shown)));
            }
            assertThat(Files.size(root.resolve(sample.getLatent()))).isEqualTo(latentBytes);
        }
    }

    private void sample(String recipe) throws IOException {
        Path sheet = directory.resolve("sheet.png");
        String bundle = directory.resolve("models/" + recipe).toString();
        CommandRun run = CommandRun.of("sample", bundle, "--count", "4", "--out", sheet.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isGreaterThan(4 * 8 * 3);
        CommandRun wrong = CommandRun.of("sample", bundle, "--class", "square", "--out", sheet.toString());
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--class");
    }
}
