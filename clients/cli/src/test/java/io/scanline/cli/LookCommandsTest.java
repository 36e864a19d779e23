package io.scanline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.v1.ClassProbability;
import io.scanline.v1.Classification;
import io.scanline.v1.ClassifyResponse;
import io.scanline.v1.EmbedInput;
import io.scanline.v1.EmbedResponse;
import io.scanline.v1.Embedding;
import io.scanline.v1.EmbeddingSpace;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.RankResponse;
import io.scanline.v1.RankedCandidate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on models that look at images and texts. */
class LookCommandsTest {
    @TempDir
    private Path folder;

    private FakeServer server;
    private String picture;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        // What is in it is the server's to judge.
        picture = Files.writeString(folder.resolve("cat.png"), "pixels").toString();
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private CommandResult run(String... arguments) {
        return CommandResult.of(
                Stream.concat(Stream.of(arguments), Stream.of("--target", server.target())).toArray(String[]::new));
    }

    @Test
    void embedPrintsAVectorALine() {
        server.embed = request -> {
            assertThat(request.getModel().getName()).isEqualTo("clip");
            assertThat(request.getInputsList()).extracting(EmbedInput::getInputCase)
                    .containsExactly(EmbedInput.InputCase.PICTURE, EmbedInput.InputCase.TEXT);
            assertThat(request.getInputs(0).getPicture().toStringUtf8()).isEqualTo("pixels");
            return EmbedResponse.newBuilder()
                    .addEmbeddings(Embedding.newBuilder().addValues(0.5f).addValues(-1))
                    .addEmbeddings(Embedding.newBuilder().addValues(1).addValues(0))
                    .build();
        };
        CommandResult lines = run("embed", "--model", "clip", "--text", "a cat", "--image", picture);
        CommandResult json = run("embed", "--model", "clip", "--text", "a cat", "--image", picture, "--json");

        assertThat(lines.err()).isEmpty();
        assertThat(lines.lines()).containsExactly("0.5 -1.0", "1.0 0.0");
        assertThat(json.out()).contains("\"values\":[0.5,-1.0]");
    }

    @Test
    void rankPrintsTheBestFirst() {
        server.rank = request -> {
            assertThat(request.getQuery().getText()).isEqualTo("a cat");
            assertThat(request.getCandidatesCount()).isEqualTo(2);
            return RankResponse.newBuilder()
                    .addCandidates(RankedCandidate.newBuilder().setIndex(1).setCosine(0.5f).setProbability(0.75f))
                    .addCandidates(RankedCandidate.newBuilder().setIndex(0).setCosine(-0.25f).setProbability(0.25f))
                    .build();
        };
        CommandResult result =
                run("rank", "--model", "clip", "--text", "a cat", picture, "--candidate", "a dog");

        assertThat(result.err()).isEmpty();
        assertThat(result.lines()).containsExactly(
                "  COSINE  PROBABILITY  CANDIDATE",
                "  0.5000       0.7500  a dog",
                " -0.2500       0.2500  " + picture);
    }

    @Test
    void candidateThatWasNotGivenIsAFault() {
        server.rank = request -> RankResponse.newBuilder()
                .addCandidates(RankedCandidate.newBuilder().setIndex(7)).build();
        CommandResult result = run("rank", "--model", "clip", "--image", picture, picture);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("a candidate that it was not given");
    }

    @Test
    void classifyPrintsTheLikeliestClasses() {
        server.classify = request -> {
            assertThat(request.getClassNamesList()).containsExactly("cat", "dog");
            assertThat(request.getTemplatesList()).containsExactly("a {}");
            assertThat(request.getTop()).isEqualTo(1);
            return ClassifyResponse.newBuilder()
                    .addClassifications(Classification.newBuilder()
                            .addClasses(ClassProbability.newBuilder().setName("dog").setIndex(1).setProbability(0.9f)))
                    .build();
        };
        CommandResult result = run("classify", "--model", "clip", picture, "--name", "cat", "--name", "dog",
                "--template", "a {}", "--top", "1");

        assertThat(result.err()).isEmpty();
        assertThat(result.lines()).containsExactly("PROBABILITY  CLASS  PICTURE", "     0.9000  dog  " + picture);
    }

    @Test
    void argumentsThatMakeNoSenseAreRefused() {
        assertThat(run("embed", "--model", "clip").exitCode()).isEqualTo(2);
        assertThat(run("rank", "--model", "clip", picture).exitCode()).isEqualTo(2);
        assertThat(run("rank", "--model", "clip", "--text", "a").exitCode()).isEqualTo(2);
        assertThat(run("classify", "--model", "clip").exitCode()).isEqualTo(2);
        assertThat(run("embed", "--model", "clip", "--image", folder.resolve("nothing").toString()).err())
                .contains("no such file");
    }

    @Test
    void modelsAreListedWithTheirVectorsAndClasses() {
        server.models = List.of(Model.newBuilder()
                .setName("clip").setVersion("1").setState(ModelState.MODEL_STATE_SERVING)
                .setEmbedding(EmbeddingSpace.newBuilder().setDimensions(64).setTexts(true))
                .addClassifierNames("disc").addClassifierNames("cross")
                .build());
        assertThat(run("models").lines())
                .contains("    vectors of 64 numbers, of images and texts", "    tells apart disc, cross");
    }
}
