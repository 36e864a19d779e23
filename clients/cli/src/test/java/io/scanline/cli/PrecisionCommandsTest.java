package io.scanline.cli;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.v1.Geometry;
import io.scanline.v1.ImageScore;
import io.scanline.v1.Metric;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.ScoreResponse;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which arithmetic computes the steps, on the command line. */
class PrecisionCommandsTest {
    private static final Geometry GEOMETRY = grey(2, 2, 4);

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
        server.generate = (request, responses) -> {
            String precision = request.getPrecision().isEmpty() ? "fp32" : request.getPrecision();
            responses.onNext(event(started(GEOMETRY).toBuilder().setPrecision(precision).build()));
            responses.onNext(event(pixels(0, 0, 0, 0, 1, 2, 3)));
            responses.onNext(event(finished(bytes(0, 1, 2, 3))));
            responses.onCompleted();
        };
        server.score = request -> ScoreResponse.newBuilder().addScores(ImageScore.getDefaultInstance()).build();
        server.models = List.of(Model.newBuilder()
                .setName("tiny")
                .setVersion("1")
                .setState(ModelState.MODEL_STATE_SERVING)
                .setGeometry(GEOMETRY)
                .addAllPrecisions(List.of("fp32", "int8"))
                .addMetrics(Metric.newBuilder().setName("bits_per_dim").setValue(2.5).setPrecision("fp32"))
                .addMetrics(Metric.newBuilder().setName("bits_per_dim").setValue(2.75).setPrecision("int8"))
                .build());
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    @Test
    void generateAsksForItAndTheLastLineNamesWhatIsUnusual() {
        CommandResult int8 = server.run("generate", "--model", "tiny", "--precision", "int8");
        assertThat(int8.err()).isEmpty();
        assertThat(server.generateRequest.getPrecision()).isEqualTo("int8");
        assertThat(int8.out()).contains(" in int8  seed ");
        CommandResult unsaid = server.run("generate", "--model", "tiny");
        assertThat(server.generateRequest.getPrecision()).isEmpty();
        assertThat(unsaid.out()).doesNotContain(" in fp32");
    }

    @Test
    void forkAndScoreAskForIt() throws IOException {
        assertThat(server.run("fork", "generation-1", "--steps", "2", "--precision", "int8").exitCode()).isZero();
        assertThat(server.generateRequest.getPrecision()).isEqualTo("int8");
        Path image = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY), "png", image.toFile());
        assertThat(server.run("score", "--model", "tiny", "--precision", "int8", image.toString()).exitCode()).isZero();
        assertThat(server.scoreRequest.getPrecision()).isEqualTo("int8");
    }

    @Test
    void modelsTellWhatTheyHaveAndWhatFiguresWereMeasuredWith() {
        CommandResult models = server.run("models");
        assertThat(models.lines())
                .contains("    steps in fp32 or int8, the first unless asked", "    bits_per_dim 2.750 in int8");
        assertThat(models.out()).doesNotContain("in fp32\n");
    }
}
