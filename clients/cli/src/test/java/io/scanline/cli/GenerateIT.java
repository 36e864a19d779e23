package io.scanline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.ImageResult;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import io.scanline.v1.Pixels;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line client against the packaged server with the models that we ship. */
class GenerateIT {
    private static RealServer server;
    private static Model model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void startServer() throws Exception {
        Path root = Path.of(System.getProperty("basedir")).resolve("../..").normalize();
        Path jar = root.resolve("server/target/scanline-server.jar");
        Path models = root.resolve("deploy/models");
        assertThat(jar).as("the packaged server").exists();
        assertThat(models).as("the shipped models").isDirectory();
        server = RealServer.start(jar, models);
        model = firstDrawing(CommandResult.of("models", "--json", "--target", server.target()));
    }

    @AfterAll
    static void stopServer() throws InterruptedException {
        if (server != null) {
            server.close();
        }
    }

    /** The first that serves and draws its images value by value. */
    private static Model firstDrawing(CommandResult result) throws InvalidProtocolBufferException {
        assertThat(result.err()).isEmpty();
        for (String line : result.lines()) {
            Model.Builder candidate = Model.newBuilder();
            JsonFormat.parser().merge(line, candidate);
            if (candidate.getState() == ModelState.MODEL_STATE_SERVING
                    && candidate.getSteps() > 1
                    && !candidate.hasLatent()) {
                return candidate.build();
            }
        }
        throw new AssertionError("no model serves: " + result.out());
    }

    private static CommandResult run(String command, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of(command, "--target", server.target(), "--model", model.getName()));
        if (model.getClassNamesCount() > 0) {
            arguments.addAll(List.of("--class", model.getClassNames(0)));
        }
        arguments.addAll(List.of(more));
        return CommandResult.of(arguments.toArray(String[]::new));
    }

    private static List<GenerateResponse> events(CommandResult result) throws InvalidProtocolBufferException {
        List<GenerateResponse> events = new ArrayList<>();
        for (String line : result.lines()) {
            GenerateResponse.Builder event = GenerateResponse.newBuilder();
            JsonFormat.parser().merge(line, event);
            events.add(event.build());
        }
        return events;
    }

    @Test
    void thePixelsOfEveryImageHaveTheDigestOfFinished() throws Exception {
        CommandResult result = run("generate", "--seed", "7", "--count", "2", "--json");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        List<GenerateResponse> events = events(result);
        assertThat(events.get(0).getStarted().getSeed()).isEqualTo(7);
        Finished finished = events.get(events.size() - 1).getFinished();
        for (int image = 0; image < 2; image++) {
            ByteString values = ByteString.EMPTY;
            for (GenerateResponse event : events) {
                Pixels pixels = event.getPixels();
                if (event.hasPixels() && pixels.getImageIndex() == image) {
                    assertThat(pixels.getFirstIndex()).isEqualTo(values.size());
                    values = values.concat(pixels.getValues());
                }
            }
            assertThat(values.size()).isEqualTo(model.getSteps());
            assertThat(MessageDigest.getInstance("SHA-256").digest(values.toByteArray()))
                    .isEqualTo(finished.getImages(image).getSha256().toByteArray());
        }
    }

    @Test
    void everyCadenceGivesTheSameImage() throws Exception {
        List<ByteString> digests = new ArrayList<>();
        for (String cadence : List.of("pixel", "row", "interval", "percent", "preview", "final")) {
            CommandResult result = run(
                    "generate", "--seed", "3", "--cadence", cadence, "--interval-ms", "50", "--json");
            assertThat(result.err()).as(cadence).isEmpty();
            List<GenerateResponse> events = events(result);
            digests.add(events.get(events.size() - 1).getFinished().getImages(0).getSha256());
        }

        assertThat(digests).containsOnly(digests.get(0));
    }

    @Test
    void aCompletedPictureKeepsItsRowsAndScoresAsTheServerSaid() throws Exception {
        Path original = folder.resolve("original.png");
        Path completed = folder.resolve("completed.png");
        CommandResult generated = run("generate", "--seed", "1", "--json", "--out", original.toString());
        CommandResult result = run(
                "complete", "--seed", "2", "--image", original.toString(), "--rows", "3",
                "--out", completed.toString());

        assertThat(result.err()).isEmpty();
        int width = model.getGeometry().getWidth();
        assertThat(samples(completed, width)).isEqualTo(samples(original, width));
        List<GenerateResponse> events = events(generated);
        double nats = events.get(events.size() - 1).getFinished().getImages(0).getLogLikelihoodNats();
        CommandResult score = run("score", original.toString());
        assertThat(score.err()).isEmpty();
        assertThat(Double.parseDouble(score.lines().get(1).strip().split(" +")[0]))
                .isCloseTo(nats, Offset.offset(1e-3 * Math.abs(nats)));
    }

    @Test
    void aMaskedPictureIsDrawnAnewWhereTheMaskIsBrightOnly() throws Exception {
        Path original = folder.resolve("original.png");
        Path mask = folder.resolve("mask.png");
        Path redrawn = folder.resolve("redrawn.png");
        run("generate", "--seed", "1", "--out", original.toString());
        int width = model.getGeometry().getWidth();
        int height = model.getGeometry().getHeight();
        BufferedImage painted = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 3; y < height; y++) {
            painted.getRaster().setSample(width - 1, y, 0, 255);
        }
        ImageIO.write(painted, "png", mask.toFile());
        CommandResult result = run("complete", "--seed", "9", "--image", original.toString(),
                "--mask", mask.toString(), "--out", redrawn.toString());

        assertThat(result.err()).isEmpty();
        assertThat(samples(redrawn, width)).isEqualTo(samples(original, width));
        BufferedImage before = ImageIO.read(original.toFile());
        BufferedImage after = ImageIO.read(redrawn.toFile());
        assertThat(after.getRaster().getPixels(0, 0, width - 1, height, (int[]) null))
                .isEqualTo(before.getRaster().getPixels(0, 0, width - 1, height, (int[]) null));
    }

    @Test
    void theLikeliestOfManyIsOneOfThem() throws Exception {
        CommandResult many = run("generate", "--seed", "5", "--count", "6", "--json");
        CommandResult best = run("generate", "--seed", "5", "--best-of", "6", "--json");
        List<GenerateResponse> all = events(many);
        List<GenerateResponse> one = events(best);
        List<ImageResult> kept = one.get(one.size() - 1).getFinished().getImagesList().stream()
                .filter(image -> image.getFinishReason() == FinishReason.FINISH_REASON_COMPLETE)
                .toList();

        assertThat(kept).hasSize(1);
        assertThat(all.get(all.size() - 1).getFinished().getImages(kept.get(0).getImageIndex()).getSha256())
                .isEqualTo(kept.get(0).getSha256());
    }

    private static int[] samples(Path png, int width) throws Exception {
        BufferedImage image = ImageIO.read(png.toFile());
        return image.getRaster().getPixels(0, 0, width, 3, (int[]) null);
    }

    @Test
    void theServersRefusalIsToldInOneLine() {
        CommandResult temperature = run("generate", "--temperature", "-1");
        assertThat(temperature.exitCode()).isEqualTo(1);
        assertThat(temperature.err())
                .startsWith("INVALID_ARGUMENT TEMPERATURE_OUT_OF_RANGE: ")
                .contains("field sampling.temperature")
                .hasLineCount(1);

        CommandResult unknown = CommandResult.of("generate", "--target", server.target(), "--model", "no-such-model");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).startsWith("NOT_FOUND MODEL_NOT_FOUND: ").hasLineCount(1);
    }
}
