package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** probe, mixture, and the distance of reconstructions: what other bundles say of a bundle. */
class ViewsCommandsTest {
    @TempDir
    private static Path directory;

    private static String models;

    @BeforeAll
    static void trainAndExport() {
        models = directory.resolve("models").toString();
        export("tiny-vit", 150);
        export("tiny-ae", 300);
        export("tiny-vae", 40);
        export("tiny-vq", 40, "--judge", models + "/tiny-vit");
    }

    private static void export(String recipe, int steps, String... options) {
        String run = directory.resolve("runs").resolve(recipe).toString();
        done("train", recipe, "--out", run, "--steps", Integer.toString(steps), "--precision", "fp32");
        String[] arguments = new String[4 + options.length];
        System.arraycopy(new String[] {"export", run, "--out", models}, 0, arguments, 0, 4);
        System.arraycopy(options, 0, arguments, 4, options.length);
        done(arguments);
    }

    @Test
    void reconstructionsAreJudgedAtExportAndByEvaluate() throws IOException {
        Path rows = directory.resolve("rows.jsonl");
        String judge = models + "/tiny-vit";
        done("evaluate", models + "/tiny-vq", "--judge", judge, "--record", rows.toString());
        JsonNode bundle = json(Files.readString(Path.of(models, "tiny-vq", "1", "bundle.json")));
        JsonNode figures = json(Files.readString(rows)).get("figures");
        assertThat(figures.get("edge_energy").asDouble()).isBetween(0.01, 3.0);
        assertThat(figures.get("real_reconstruction_frechet_distance").asDouble()).isPositive();
        for (JsonNode metric : bundle.get("metrics")) {
            double stored = metric.get("value").asDouble();
            assertThat(figures.get(metric.get("name").asText()).asDouble())
                    .isCloseTo(stored, within(1e-4 * stored + 1e-9));
        }
        assertThat(bundle.get("metrics").findValuesAsText("name"))
                .contains("reconstruction_frechet_distance", "edge_energy");
        Path readme = directory.resolve("README.md");
        Files.writeString(readme, "<!-- results -->\n<!-- end of results -->\n");
        done("results", "--file", rows.toString(), "--readme", readme.toString());
        assertThat(Files.readString(readme)).contains(", edge energy 0.", ", Frechet distance of reconstructions ");
        assertThat(done("evaluate", models + "/tiny-vq", "--images", "20").out()).doesNotContain("frechet");
    }

    @Test
    void classesAreToldByWhatABundleMakesOfImages() throws IOException {
        JsonNode features = json(done("probe", models + "/tiny-vit", "--json").out());
        assertThat(features.get("metric").asText()).isEqualTo("linear_probe_accuracy");
        assertThat(features.get("value").asDouble()).isGreaterThan(80); // three shapes
        assertThat(features.get("floor").asDouble()).isBetween(20.0, 45.0);
        // No sum of pixels tells shapes that are anywhere.
        assertThat(features.at("/figures/pixel_linear_probe_accuracy").asDouble())
                .isBetween(features.get("floor").asDouble(), features.get("value").asDouble());
        assertThat(done("probe", models + "/tiny-vae").out()).contains("means of latents", "intensities");
        assertThat(done("probe", models + "/tiny-vq", "--images", "100").out())
                .contains("counts of 8 codes", "on 100 training images");
        CommandRun wrong = CommandRun.of("probe", models + "/tiny-vit", "--penalty", "-1");
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("--penalty");
    }

    @Test
    void mixtureDrawsTheClassesThatItIsAskedFor() throws IOException {
        Path all = directory.resolve("all.png");
        Path one = directory.resolve("one.png");
        CommandRun run = done(
                "mixture", models + "/tiny-ae", "--count", "4", "--out", all.toString(), "--judge",
                models + "/tiny-vit");
        assertThat(figure(run, "class_agreement")).isBetween(0.6, 1.0); // 0.33 by chance
        assertThat(figure(run, "real_class_agreement")).isGreaterThan(0.8);
        assertThat(figure(run, "mixture_frechet_distance"))
                .isGreaterThan(figure(run, "real_mixture_frechet_distance"));
        assertThat(run.out()).doesNotContain("prior_frechet_distance"); // it has none
        CommandRun variational = done(
                "mixture", models + "/tiny-vae", "--classes", "Square,0", "--count", "4", "--out", one.toString(),
                "--images", "50", "--judge", models + "/tiny-vit");
        assertThat(figure(variational, "prior_frechet_distance")).isPositive();
        assertThat(ImageIO.read(all.toFile()).getHeight()).isGreaterThan(ImageIO.read(one.toFile()).getHeight());
        CommandRun unknown =
                CommandRun.of("mixture", models + "/tiny-vae", "--classes", "circle", "--out", one.toString());
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("no class circle", "square");
    }

    @Test
    void mixtureOfCodesOrOfFeaturesIsRefused() {
        for (String model : new String[] {"tiny-vq", "tiny-vit"}) {
            CommandRun run = CommandRun.of("mixture", models + "/" + model, "--out", "none.png");
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).hasLineCount(1).contains("a mixture draws latents");
        }
        CommandRun run = CommandRun.of("probe", "../deploy/models/fashion-pixels/1");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("makes no numbers of images");
    }

    private static double figure(CommandRun run, String name) {
        return run.out().lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.split(" +")[1]))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private static CommandRun done(String... arguments) {
        CommandRun command = CommandRun.of(arguments);
        assertThat(command.exitCode()).as(command.err()).isZero();
        return command;
    }
}
