package io.scanline.cli;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.v1.Finished;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageScore;
import io.scanline.v1.Model;
import io.scanline.v1.ModelSelector;
import io.scanline.v1.ModelState;
import io.scanline.v1.PipelineStage;
import io.scanline.v1.Prompt;
import io.scanline.v1.PromptRead;
import io.scanline.v1.ScoreResponse;
import io.scanline.v1.StageTime;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts that images are made of, on the command line. */
class PromptCommandsTest {
    private static final Geometry GEOMETRY = grey(2, 2, 4);

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
        server.generate = (request, responses) -> {
            PromptRead read = PromptRead.newBuilder().setIds(5).setUnknown(2).setGuidance(3).build();
            responses.onNext(event(started(GEOMETRY).toBuilder().setPrompt(read).build()));
            responses.onNext(event(pixels(0, 0, 0, 0, 1, 2, 3)));
            responses.onNext(event(finished(bytes(0, 1, 2, 3))));
            responses.onCompleted();
        };
        server.models = List.of(Model.newBuilder()
                .setName("tiny")
                .setVersion("1")
                .setState(ModelState.MODEL_STATE_SERVING)
                .setGeometry(GEOMETRY)
                .setPrompt(Prompt.newBuilder().setContext(16).setRecommendedGuidance(3))
                .addStages(PipelineStage.newBuilder()
                        .setName("draw")
                        .setRole("step")
                        .setModel(ModelSelector.newBuilder().setName("prior").setVersion("2")))
                .build());
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    @Test
    void generateSaysWhatToDrawAndHowStronglyAndPrintsWhatWasReadOfIt() {
        CommandResult result = server.run("generate", "--model", "tiny", "--prompt", "a red cat", "--guidance", "3.5");
        assertThat(result.err()).isEmpty();
        assertThat(server.generateRequest.getPrompt()).isEqualTo("a red cat");
        assertThat(server.generateRequest.getGuidance()).isEqualTo(3.5f);
        assertThat(result.lines()).contains("prompt of 5 ids, 2 of them unknown to the model  guidance 3.0");
    }

    @Test
    void emptyPromptIsSaidAndAMissingOneIsNot() {
        assertThat(server.run("generate", "--model", "tiny", "--prompt", "").exitCode()).isZero();
        assertThat(server.generateRequest.hasPrompt()).isTrue();
        assertThat(server.generateRequest.hasGuidance()).isFalse();
        assertThat(server.run("generate", "--model", "tiny").exitCode()).isZero();
        assertThat(server.generateRequest.hasPrompt()).isFalse();
    }

    @Test
    void forkMayDrawAnotherText() {
        assertThat(server.run("fork", "generation-1", "--steps", "2", "--prompt", "a dog").exitCode()).isZero();
        assertThat(server.generateRequest.getPrompt()).isEqualTo("a dog");
        assertThat(server.generateRequest.hasGuidance()).isFalse();
    }

    @Test
    void scoreSaysGivenWhichText() throws IOException {
        server.score = request -> ScoreResponse.newBuilder().addScores(ImageScore.getDefaultInstance()).build();
        Path image = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
        assertThat(server.run("score", "--model", "tiny", "--prompt", "a cat", image.toString()).exitCode()).isZero();
        assertThat(server.scoreRequest.getPrompt()).isEqualTo("a cat");
    }

    @Test
    void modelsTellWhichOfThemReadTexts() {
        assertThat(server.run("models").lines()).contains(
                "    draws texts of up to 16 ids, recommended guidance 3.0", "    draw: step of prior/2");
    }

    private void answerRanked() {
        server.generate = (request, responses) -> {
            responses.onNext(event(started(GEOMETRY)));
            responses.onNext(event(pixels(0, 0, 0, 0, 0, 0, 0)));
            responses.onNext(event(pixels(1, 1, 0, 3, 3, 3, 3)));
            Finished.Builder finished = finished(bytes(0, 0, 0, 0), bytes(3, 3, 3, 3)).toBuilder();
            finished.getImagesBuilder(0).setRank(2).setPromptLikeness(0.125f);
            finished.getImagesBuilder(1).setRank(1).setPromptLikeness(0.25f);
            finished.addStages(StageTime.newBuilder().setStage("text").setRuns(1).setBusyUs(500));
            finished.addStages(StageTime.newBuilder().setStage("prior").setRuns(4).setBusyUs(12_345));
            responses.onNext(event(finished.build()));
            responses.onCompleted();
        };
    }

    @Test
    void rankedImagesAreShownAndWrittenTheBestFirst() throws IOException {
        answerRanked();
        CommandResult result = server.run(
                "generate", "--model", "tiny", "--count", "2", "--out", folder.resolve("{i}.png").toString());
        assertThat(result.err()).isEmpty();
        assertThat(result.lines()).contains(
                "best: image 1 (0.250), then image 0 (0.125)",
                "stages: text 0.5 ms in 1 run, prior 12.3 ms in 4 runs");
        assertThat(result.lines().get(0)).startsWith("@@").doesNotEndWith("@@");
        assertThat(intensity("0.png")).isEqualTo(255);
        assertThat(intensity("1.png")).isZero();
    }

    @Test
    void onlyTheBestIsWrittenIfThatIsAskedFor() throws IOException {
        answerRanked();
        assertThat(server.run("generate", "--model", "tiny", "--count", "2", "--only-best",
                        "--out", folder.resolve("{i}.png").toString()).exitCode())
                .isZero();
        assertThat(intensity("0.png")).isEqualTo(255);
        assertThat(folder.resolve("1.png")).doesNotExist();
    }

    private int intensity(String file) throws IOException {
        BufferedImage image = ImageIO.read(folder.resolve(file).toFile());
        return image.getRaster().getSample(0, 0, 0);
    }
}
