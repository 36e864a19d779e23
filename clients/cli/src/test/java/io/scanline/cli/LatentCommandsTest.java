package io.scanline.cli;

import static io.scanline.cli.Events.grey;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.v1.EncodeResponse;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.ImageResult;
import io.scanline.v1.InterpolateResponse;
import io.scanline.v1.InterpolationPath;
import io.scanline.v1.Latent;
import io.scanline.v1.LatentGaussian;
import io.scanline.v1.LatentSpace;
import io.scanline.v1.LatentTokens;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands on models that make an image at once. */
class LatentCommandsTest {
    private static final Geometry GEOMETRY = grey(2, 2, 4);

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer();
        server.models = List.of(Model.newBuilder()
                .setName("vae")
                .setVersion("1")
                .setState(ModelState.MODEL_STATE_SERVING)
                .setGeometry(GEOMETRY)
                .setSteps(1)
                .setLatent(LatentSpace.newBuilder().setKind("tokens").addShape(4).addShape(3).setCodes(16))
                .build());
    }

    @AfterEach
    void stop() throws InterruptedException {
        server.close();
    }

    private CommandResult run(String... arguments) {
        return CommandResult.of(
                Stream.concat(Stream.of(arguments), Stream.of("--target", server.target())).toArray(String[]::new));
    }

    private String png(String name, int... values) throws IOException {
        byte[] levels = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            levels[i] = (byte) values[i];
        }
        Path file = folder.resolve(name);
        ImageIO.write(LevelImages.toImage(GEOMETRY, levels), "png", file.toFile());
        return file.toString();
    }

    private static InterpolateResponse frame(int index, int level) {
        return InterpolateResponse.newBuilder()
                .setIndex(index)
                .setValues(ByteString.copyFrom(new byte[] {(byte) level, 0, 0, 3}))
                .build();
    }

    @Test
    void imagesMadeAtOnceAreDrawnWithoutALikelihood() throws Exception {
        byte[] image = {0, 1, 2, 3};
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(image);
        server.generate = (request, responses) -> {
            responses.onNext(GenerateResponse.newBuilder()
                    .setStarted(Events.started(GEOMETRY).toBuilder().clearOrder().setSteps(1))
                    .build());
            responses.onNext(GenerateResponse.newBuilder().setPixels(Events.pixels(0, 0, 0, 0, 1, 2, 3)).build());
            responses.onNext(GenerateResponse.newBuilder()
                    .setFinished(Finished.newBuilder()
                            .addImages(ImageResult.newBuilder().setSha256(ByteString.copyFrom(digest))))
                    .build());
            responses.onCompleted();
        };

        CommandResult result = run("generate", "--model", "vae");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("sha256 verified").doesNotContain("bits/dim");
    }

    @Test
    void encodePrintsTheNumbersOfEveryLatent() throws IOException {
        server.encode = request -> EncodeResponse.newBuilder()
                .addLatents(Latent.newBuilder()
                        .setGaussian(LatentGaussian.newBuilder().addMean(0.5f).addMean(-2).addVariance(1)))
                .addLatents(Latent.newBuilder().setTokens(LatentTokens.newBuilder().addCodes(3).addCodes(15)))
                .build();

        String image = png("image.png", 0, 1, 2, 3);
        CommandResult lines = run("encode", "--model", "vae", "--image", image, "--image", image);
        CommandResult json = run("encode", "--model", "vae", "--image", image, "--json");

        assertThat(lines.lines()).containsExactly("0.5 -2.0", "3 15");
        assertThat(json.out()).contains("\"mean\":[0.5,-2.0]", "\"codes\":[3,15]");
    }

    @Test
    void interpolateWritesTheFramesAsOneSheet() throws IOException {
        server.interpolate = request -> {
            assertThat(request.getFrom().getImage().byteAt(3)).isEqualTo((byte) 3);
            assertThat(request.getPath()).isEqualTo(InterpolationPath.INTERPOLATION_PATH_SPHERICAL);
            return IntStream.range(0, request.getFrames()).mapToObj(i -> frame(i, i)).toList();
        };
        Path sheet = folder.resolve("sheet.png");

        CommandResult result = run("interpolate", "--model", "vae", "--from", png("a.png", 0, 0, 0, 3), "--to",
                png("b.png", 3, 0, 0, 3), "--frames", "4", "--spherical", "--out", sheet.toString());

        assertThat(result.err()).isEmpty();
        assertThat(result.lines()).containsExactly("wrote " + sheet);
        assertThat(ImageIO.read(sheet.toFile()).getWidth()).isEqualTo(6); // two frames and the gap between
    }

    @Test
    void framesThatAreMissingAreSaid() throws IOException {
        server.interpolate = request -> List.of(frame(0, 0), frame(2, 0));
        CommandResult gap = interpolate();
        server.interpolate = request -> List.of(frame(0, 0));
        CommandResult early = interpolate();
        server.interpolate = request -> List.of(frame(0, 4));
        CommandResult noLevel = interpolate();

        assertThat(gap.err()).isEqualTo(
                "DATA_LOSS: frame 2 with 4 values arrived where frame 1 with 4 was due\n");
        assertThat(early.err()).isEqualTo("DATA_LOSS: the stream ended after 1 frames of 16\n");
        assertThat(noLevel.err()).isEqualTo("DATA_LOSS: frame 0: value 0 is no level\n");
        assertThat(gap.exitCode()).isEqualTo(1);
    }

    private CommandResult interpolate() throws IOException {
        return run("interpolate", "--model", "vae", "--from", png("a.png", 0, 0, 0, 3), "--to",
                png("b.png", 3, 0, 0, 3), "--out", folder.resolve("sheet.png").toString());
    }

    @Test
    void modelsAreListedWithTheirLatents() {
        assertThat(run("models").lines()).contains("    tokens latent, 4 x 3 of 16 codes");
    }
}
