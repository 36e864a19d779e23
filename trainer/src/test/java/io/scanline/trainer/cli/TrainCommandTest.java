package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
    @TempDir
    private Path directory;

    @Test
    void recipesAreListedWithWhatIsExpectedOfThem() throws IOException {
        CommandRun run = CommandRun.of("recipes");
        assertThat(run.exitCode()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(Recipe.builtIn().size() + 1);
        int figures = lines.get(0).indexOf("figure");
        for (int i = 0; i < Recipe.builtIn().size(); i++) {
            Recipe.Source source = Recipe.load(Recipe.builtIn().get(i));
            String figure = source.expected().figure();
            assertThat(lines.get(i + 1))
                    .startsWith(source.recipe().name() + " ")
                    .contains(" " + source.recipe().family() + " ", " " + source.recipe().dataset() + " ")
                    .endsWith(source.description());
            assertThat(lines.get(i + 1).substring(figures)).startsWith(figure == null ? "not run" : figure);
        }
    }

    @Test
    void recipesAreListedForScriptsToo() throws IOException {
        List<String> lines = CommandRun.of("recipes", "--json").out().lines().toList();
        assertThat(lines).hasSameSizeAs(Recipe.builtIn());
        JsonNode shipped = new ObjectMapper().readTree(lines.get(Recipe.builtIn().indexOf("fashion-pixels")));
        assertThat(shipped.get("data_set").asText()).isEqualTo("fashion-mnist");
        assertThat(shipped.get("minutes").asDouble()).isEqualTo(102);
        assertThat(new ObjectMapper().readTree(lines.get(Recipe.builtIn().indexOf("tiny"))).get("figure").isNull())
                .isTrue();
    }

    @Test
    void trainingStopsAndGoesOn() throws IOException {
        String out = directory.resolve("run").toString();
        CommandRun first = CommandRun.of("train", "tiny", "--out", out, "--steps", "3", "--precision", "fp32", "--workers", "1");
        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(first.out()).contains("checkpoint.pt").contains("next: the same command");
        CommandRun second = CommandRun.of("train", "tiny", "--out", out, "--steps", "5");
        assertThat(second.exitCode()).as(second.err()).isZero();
        assertThat(second.out()).contains("going on after step 3").contains("1 workers, fp32");
        assertThat(Files.readAllLines(Path.of(out, "loss.csv"))).hasSize(6);
        assertThat(Path.of(out, "loss.png")).isNotEmptyFile();
        assertThat(Path.of(out, "recipe.yaml")).hasContent(Recipe.load("tiny").text());
    }

    @Test
    void runOfAnotherRecipeIsRefused() throws IOException {
        String out = directory.resolve("run").toString();
        assertThat(CommandRun.of("train", "tiny", "--out", out, "--steps", "1", "--precision", "fp32").exitCode()).isZero();
        String text = Recipe.load("tiny").text();
        Path longer = Files.writeString(directory.resolve("longer.yaml"), text.replace("steps: 400", "steps: 500"));
        CommandRun refused = CommandRun.of("train", longer.toString(), "--out", out);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).hasLineCount(1).contains("another recipe");
        Path commented = Files.writeString(directory.resolve("commented.yaml"), text + "# a remark\n");
        assertThat(CommandRun.of("train", commented.toString(), "--out", out, "--steps", "1").exitCode()).isZero();
    }

    @Test
    void missingDataIsAFailureInOneLine() {
        CommandRun run = CommandRun.of(
                "train", "fashion-pixels", "--data", directory.toString(), "--out", directory.resolve("run").toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).hasLineCount(1).contains("train-images-idx3-ubyte");
    }

    @Test
    void verboseShowsWhereItFailed() {
        CommandRun run = CommandRun.of(
                "train", "fashion-pixels", "--verbose", "--data", directory.toString(),
                "--out", directory.resolve("run").toString());
        assertThat(run.err()).contains("\tat io.scanline.trainer.");
    }

    @ParameterizedTest
    @CsvSource({
        "'', a command is needed",
        "train, RECIPE",
        "train nothing, nothing",
        "train tiny --steps 0, --steps",
        "train tiny --steps many, --steps",
        "train tiny --workers 3, --workers",
        "train tiny --checkpoint-every 0, --checkpoint-every",
        "train tiny --precision fp8, --precision",
        "train tiny --colour red, --colour",
        "teach tiny, teach",
    })
    void badArgumentsAreNamedInOneLine(String arguments, String named) {
        CommandRun run = CommandRun.of(arguments.isEmpty() ? new String[0] : arguments.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains(named);
    }
}
