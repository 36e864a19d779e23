package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.trainer.report.ResultRow;
import io.scanline.trainer.report.ResultsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The repository's own table of results, and evaluate with figures that must not get into it. */
class ResultsCommandTest {
    private static final Path MODELS = Path.of("../deploy/models");
    private static final String RESULTS = MODELS.resolve("results.jsonl").toString();
    private static final String SMALLEST = "ae-linear-mnist/1";

    @TempDir
    private Path directory;

    @Test
    void readmeShowsTheRowsThatAreKept() {
        CommandRun run = CommandRun.of("results", "--check", "--file", RESULTS, "--readme", "../README.md");
        assertThat(run.exitCode()).as(run.err()).isZero();
    }

    @Test
    void everyShippedModelHasARowOfItsOwnTraining() throws IOException {
        List<ResultRow> rows = new ResultsFile(Path.of(RESULTS)).read();
        List<Bundle> trained = new ArrayList<>();
        try (Stream<Path> files = Files.find(MODELS, 3, (path, file) -> path.endsWith("bundle.json"))) {
            for (Path description : files.toList()) {
                Bundle.Builder bundle = Bundle.newBuilder();
                JsonFormat.parser().merge(Files.readString(description), bundle);
                if (!bundle.hasPipeline()) { // nothing was trained for it
                    trained.add(bundle.build());
                }
            }
        }
        assertThat(rows).hasSameSizeAs(trained);
        for (Bundle bundle : trained) {
            ResultRow stored = ResultRow.stored(bundle);
            assertThat(rows).anySatisfy(row -> {
                assertThat(row.model()).isEqualTo(stored.model());
                assertThat(row.parameters()).isEqualTo(stored.parameters());
                assertThat(row.trainingMinutes()).isEqualTo(stored.trainingMinutes());
                assertThat(row.imagesSeen()).isEqualTo(stored.imagesSeen());
                assertThat(row)
                        .matches(
                                kept -> kept.measured() == ResultRow.Measured.EVALUATE || kept.equals(stored),
                                "as in the bundle");
            });
            assertThat(MODELS.resolve(stored.picture())).isNotEmptyFile();
        }
    }

    @Test
    void changedFigureIsFoundAndWrittenAgain() throws IOException {
        Path readme = Files.copy(Path.of("../README.md"), directory.resolve("README.md"));
        Path models = Files.createDirectories(directory.resolve("deploy/models"));
        Path file = Files.copy(Path.of(RESULTS), models.resolve("results.jsonl"));
        String[] check = {"results", "--check", "--file", file.toString(), "--readme", readme.toString()};
        assertThat(CommandRun.of(check).exitCode()).isZero();

        Files.writeString(readme, Files.readString(readme).replaceFirst("\\*\\*[0-9.]+\\*\\*", "**0.123**"));
        CommandRun changed = CommandRun.of(check);
        assertThat(changed.exitCode()).isEqualTo(1);
        assertThat(changed.err()).hasLineCount(1).contains("README.md");

        CommandRun written = CommandRun.of("results", "--file", file.toString(), "--readme", readme.toString());
        assertThat(written.exitCode()).as(written.err()).isZero();
        assertThat(readme).hasSameTextualContentAs(Path.of("../README.md"));
    }

    @Test
    void readmeWithoutThePlaceForATableIsRefused() throws IOException {
        Path readme = Files.writeString(directory.resolve("README.md"), "# Nothing\n");
        CommandRun run = CommandRun.of("results", "--file", RESULTS, "--readme", readme.toString());
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("<!-- results -->");
        assertThat(readme).hasContent("# Nothing\n");
    }

    @Test
    void storedFiguresArePrintedAndRecordedWithoutMeasuring() throws IOException {
        Path file = directory.resolve("results.jsonl");
        String bundle = MODELS.resolve(SMALLEST).toString();
        CommandRun run = CommandRun.of("evaluate", bundle, "--stored", "--json", "--record", file.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(file).hasContent(run.out());
        assertThat(new ObjectMapper().readTree(run.out()).get("measured").asText()).isEqualTo("export");
        CommandRun people = CommandRun.of("evaluate", bundle, "--stored");
        assertThat(people.out()).contains("measured at export", "squared_error", "all 10,000 test images");
    }

    @Test
    void rowsOfSomeImagesAreNotRecorded() {
        String file = directory.resolve("results.jsonl").toString();
        CommandRun run = CommandRun.of("evaluate", MODELS + "/" + SMALLEST, "--images", "5", "--record", file);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains("--record");
    }

    @Test
    void likelihoodWorseThanCountingIsPrintedButFails() throws IOException {
        CommandRun run = evaluate(bundle(
                """
                [{"name": "bits_per_dim", "value": 1.4, "unit": "bits/dim", "protocol": "p"},
                 {"name": "counted_floor", "value": 1.332, "unit": "bits/dim", "protocol": "by counting"}]"""));
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).hasLineCount(1).contains("\"value\":1.4");
        assertThat(run.err()).hasLineCount(1).contains("worse than counting");
        assertThat(directory.resolve("results.jsonl")).doesNotExist();
    }

    private CommandRun evaluate(Path bundle) {
        return CommandRun.of(
                "evaluate", bundle.toString(), "--stored", "--json",
                "--record", directory.resolve("results.jsonl").toString());
    }

    /** A shipped bundle with other figures. */
    private Path bundle(String metrics) throws IOException {
        Path copy = directory.resolve("copy");
        try (Stream<Path> files = Files.walk(MODELS.resolve(SMALLEST))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(MODELS.resolve(SMALLEST).relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        ObjectMapper json = new ObjectMapper();
        Path description = copy.resolve("bundle.json");
        ObjectNode object = (ObjectNode) json.readTree(description.toFile());
        object.set("metrics", json.readTree(metrics));
        json.writeValue(description.toFile(), object);
        return copy;
    }
}
