package io.scanline.cli;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.scanline.cli.image.LevelImages;
import io.scanline.cli.image.PngWriter;
import io.scanline.v1.GenerationOrder;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageScore;
import io.scanline.v1.LatentSpace;
import io.scanline.v1.LikelihoodKind;
import io.scanline.v1.Metric;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.ScoreResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OtherCommandsTest {
    private static final Geometry GEOMETRY = grey(2, 2, 4);
    private static final Model MODEL = Model.newBuilder()
            .setName("tiny")
            .setVersion("1")
            .setState(ModelState.MODEL_STATE_SERVING)
            .setGeometry(GEOMETRY)
            .addClassNames("Coat")
            .addClassNames("Bag")
            .addMetrics(Metric.newBuilder().setName("bits_per_dim").setValue(1.5).setUnit("bits/dim"))
            .addMetrics(Metric.newBuilder().setName("counted_floor").setValue(1.25).setUnit("bits/dim"))
            .setRecommendedTemperature(0.5f)
            .build();
    private static final Model BROKEN = Model.newBuilder()
            .setName("tiny")
            .setVersion("2")
            .setState(ModelState.MODEL_STATE_NOT_SERVING)
            .setNotServingReason("BUNDLE_FILE_CORRUPT: step.onnx does not have its digest")
            .build();

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
        server.models = List.of(MODEL, BROKEN);
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    private CommandResult run(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of(command, "--target", server.target()));
        arguments.addAll(List.of(more));
        return CommandResult.of(arguments.toArray(String[]::new));
    }

    private Path png(String name, Geometry geometry, int... values) throws IOException {
        Path file = folder.resolve(name);
        PngWriter.write(file.toString(), List.of(LevelImages.toImage(geometry, bytes(values))));
        return file;
    }

    @Test
    void modelsListsWhatServesAndWhyTheRestDoesNot() {
        CommandResult result = run("models");

        assertThat(result.exitCode()).isZero();
        assertThat(result.lines())
                .containsExactly(
                        "NAME  VERSION  STATE        IMAGES              CLASSES  METRIC",
                        "tiny  1        serving      2x2 grey, 4 levels  2        bits_per_dim 1.500 bits/dim",
                        "    counted_floor 1.250 bits/dim",
                        "    recommended temperature 0.5",
                        "    0 Coat, 1 Bag",
                        "tiny  2        not serving",
                        "    BUNDLE_FILE_CORRUPT: step.onnx does not have its digest");
    }

    @Test
    void modelsPrintsOneModelALineAsJson() throws IOException {
        CommandResult result = run("models", "--json");

        Model.Builder first = Model.newBuilder();
        JsonFormat.parser().merge(result.lines().get(0), first);
        assertThat(first.build()).isEqualTo(MODEL);
        assertThat(result.lines()).hasSize(2);
    }

    @Test
    void completeGivesTheFirstRowsAndShowsTheWholeImage() throws IOException {
        server.generate = (request, responses) -> {
            responses.onNext(event(started(GEOMETRY)));
            responses.onNext(event(pixels(0, 0, 2, 2, 1)));
            responses.onNext(event(finished(bytes(3, 0, 2, 1))));
            responses.onCompleted();
        };
        Path image = png("given.png", GEOMETRY, 3, 0, 0, 0);

        CommandResult result = run("complete", "--model", "tiny/1", "--class", "bag", "--image", image.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(server.generateRequest.getPrefix().toByteArray()).isEqualTo(bytes(3, 0));
        assertThat(server.generateRequest.getModel().getVersion()).isEqualTo("1");
        // Columns (255 + 170) / 2 and (0 + 85) / 2.
        assertThat(result.lines().get(0)).isEqualTo("#-");
    }

    @Test
    void completeWithAMaskKeepsWhatIsDarkInItAndDrawsTheRestAnew() throws IOException {
        server.generate = (request, responses) -> {
            responses.onNext(event(started(GEOMETRY)));
            responses.onNext(event(pixels(0, 0, 0, 3, 1, 2, 0)));
            responses.onNext(event(finished(bytes(3, 1, 2, 0))));
            responses.onCompleted();
        };
        Path image = png("given.png", GEOMETRY, 3, 0, 2, 0);
        Path mask = png("mask.png", GEOMETRY, 0, 3, 1, 2);

        CommandResult result = run("complete", "--model", "tiny", "--class", "bag", "--image", image.toString(),
                "--mask", mask.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(server.generateRequest.getPrefix().isEmpty()).isTrue();
        assertThat(server.generateRequest.getGiven().getValues().toByteArray()).isEqualTo(bytes(3, 0, 2, 0));
        assertThat(server.generateRequest.getGiven().getMask().toByteArray()).isEqualTo(bytes(1, 0, 1, 0));
    }

    @Test
    void completeTakesRowsOrAMaskOfTheModelsSize() throws IOException {
        Path image = png("given.png", GEOMETRY, 3, 0, 2, 0);
        CommandResult both = run("complete", "--model", "tiny", "--image", image.toString(), "--rows", "1",
                "--mask", image.toString());
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err()).contains("exclude each other");

        Path small = png("small.png", Events.grey(2, 1, 4), 3, 0);
        CommandResult wrong = run("complete", "--model", "tiny", "--image", image.toString(),
                "--mask", small.toString());
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("small.png").contains("2x1");
    }

    @Test
    void completeRefusesAModelThatDrawsCodes() throws IOException {
        Path image = png("given.png", GEOMETRY, 3, 0, 0, 0);
        server.models = List.of(MODEL.toBuilder()
                .setOrder(GenerationOrder.GENERATION_ORDER_RASTER)
                .setLatent(LatentSpace.newBuilder().setKind("tokens").addShape(1).addShape(1).setCodes(16))
                .build());
        CommandResult result = run("complete", "--model", "tiny", "--image", image.toString());

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("draws codes");
    }

    @Test
    void completeRefusesMoreRowsThanTheModelHas() throws IOException {
        Path image = png("given.png", GEOMETRY, 3, 0, 0, 0);

        CommandResult result = run("complete", "--model", "tiny", "--image", image.toString(), "--rows", "3");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).isEqualTo("--rows must be 0 to 2 for this model, not 3\n");
    }

    @Test
    void scorePrintsNatsAndBitsOfEveryImage() throws IOException {
        server.score = request -> ScoreResponse.newBuilder()
                .addScores(ImageScore.newBuilder().setLogLikelihoodNats(-2.5).setBitsPerDim(0.9017)
                        .setKind(LikelihoodKind.LIKELIHOOD_KIND_EXACT))
                .addScores(ImageScore.newBuilder().setLogLikelihoodNats(-10).setBitsPerDim(3.6067)
                        .setKind(LikelihoodKind.LIKELIHOOD_KIND_LOWER_BOUND))
                .build();
        Path first = png("first.png", GEOMETRY, 0, 1, 2, 3);
        Path second = png("second.png", GEOMETRY, 3, 3, 3, 3);

        CommandResult result = run("score", "--model", "tiny", "--class", "0", first.toString(), second.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(server.scoreRequest.getImages(0).toByteArray()).isEqualTo(bytes(0, 1, 2, 3));
        assertThat(server.scoreRequest.getLabel().hasIndex()).isTrue();
        assertThat(result.lines())
                .containsExactly(
                        "        NATS   BITS/DIM  KIND         IMAGE",
                        "      -2.500     0.9017  exact        " + first,
                        "     -10.000     3.6067  lower bound  " + second);
        assertThat(server.scoreRequest.hasImportanceSamples()).isFalse();
    }

    @Test
    void scorePassesOnHowABoundIsToBeComputed() throws IOException {
        server.score = request -> ScoreResponse.newBuilder().addScores(ImageScore.getDefaultInstance()).build();
        Path image = png("image.png", GEOMETRY, 0, 1, 2, 3);

        CommandResult result =
                run("score", "--model", "tiny", "--importance-samples", "50", "--seed", "-1", image.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(server.scoreRequest.getImportanceSamples()).isEqualTo(50);
        assertThat(server.scoreRequest.getSeed()).isEqualTo(-1);
    }

    @Test
    void scoreNamesThePictureThatDoesNotFit() throws IOException {
        Path large = png("large.png", grey(3, 2, 4), 0, 0, 0, 0, 0, 0);

        CommandResult result = run("score", "--model", "tiny", large.toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).endsWith("large.png: is 3x2, images of the model are 2x2\n");
        assertThat(server.scoreRequest).isNull();
    }

    @Test
    void scoreNamesAFileThatIsNoPicture() throws IOException {
        Path text = Files.writeString(folder.resolve("text.png"), "not a picture");

        CommandResult result = run("score", "--model", "tiny", text.toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).endsWith("text.png: not a picture\n");
    }

    @Test
    void sayWhyAModelCannotBeUsed() throws IOException {
        server.models = List.of(BROKEN);
        Path image = png("given.png", GEOMETRY, 3, 0, 0, 0);

        CommandResult result = run("score", "--model", "tiny", image.toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("model tiny/2 does not serve: BUNDLE_FILE_CORRUPT: ");
    }

    @Test
    void helpNamesTheCommandsThatAreServed() {
        CommandResult result = CommandResult.of("--help");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("generate", "complete", "score", "encode", "interpolate")
                .contains("embed", "rank", "classify", "caption", "models")
                .doesNotContain("search");
    }
}
