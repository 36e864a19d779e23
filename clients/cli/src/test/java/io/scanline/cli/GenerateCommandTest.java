package io.scanline.cli;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.finished;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.pixels;
import static io.scanline.cli.Events.started;
import static io.scanline.cli.Events.startedWithCodes;
import static io.scanline.cli.Events.tokens;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.grpc.protobuf.StatusProto;
import io.scanline.cli.draw.TerminalSize;
import io.scanline.v1.CadenceMode;
import io.scanline.v1.FinishReason;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Priority;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateCommandTest {
    private static final Geometry GEOMETRY = grey(2, 2, 4);
    private static final byte[] FIRST = bytes(0, 1, 2, 3);
    private static final byte[] SECOND = bytes(3, 3, 0, 1);

    @TempDir
    private Path folder;

    private FakeServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    private void answer(GenerateResponse... events) {
        server.generate = (request, responses) -> {
            List.of(events).forEach(responses::onNext);
            responses.onCompleted();
        };
    }

    private void answerTwoImages() {
        answer(
                event(started(GEOMETRY)),
                event(pixels(0, 0, 0, 0)),
                event(pixels(1, 1, 0, 3, 3, 0)),
                event(pixels(2, 0, 1, 1, 2, 3)),
                event(pixels(3, 1, 3, 1)),
                event(finished(FIRST, SECOND)));
    }

    private void refuse(Code code, String message, Message... details) {
        Status.Builder status = Status.newBuilder().setCode(code.getNumber()).setMessage(message);
        for (Message detail : details) {
            status.addDetails(Any.pack(detail));
        }
        server.generate = (request, responses) ->
                responses.onError(StatusProto.toStatusRuntimeException(status.build()));
    }

    private String[] arguments(String... more) {
        List<String> arguments = new ArrayList<>(List.of("generate", "--target", server.target(), "--model", "tiny"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    @Test
    void printsThePicturesOnceAndWithoutEscapeCodesWhenThereIsNoTerminal() {
        answerTwoImages();

        CommandResult result = CommandResult.of(arguments("--count", "2"));

        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).doesNotContain("\u001b");
        // Mean intensities of the columns: (0 + 170) / 2, (85 + 255) / 2 and (255 + 0) / 2, (255 + 85) / 2.
        assertThat(result.lines().get(0)).isEqualTo("=o  +o");
        assertThat(result.lines().get(1))
                .startsWith("2 images of 2x2 in ")
                .endsWith(" pixels/s  0.500 to 1.500 bits/dim");
        assertThat(result.lines().get(2)).startsWith("first pixel 1.5 ms after admission, ");
        assertThat(result.lines().get(3)).isEqualTo("tiny/1  seed 42  sha256 verified");
    }

    @Test
    void drawsInPlaceAndGivesTheCursorBackInATerminal() {
        answerTwoImages();

        CommandResult result = CommandResult.inTerminal(
                Map.of("TERM", "xterm-256color", "COLORTERM", "truecolor"),
                new TerminalSize(80, 24),
                arguments("--count", "2"));

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).startsWith("\u001b[?25l").endsWith("\u001b[?25h");
        assertThat(result.out())
                .contains("\u001b[38;2;0;0;0m\u001b[48;2;170;170;170m\u2580"
                        + "\u001b[38;2;85;85;85m\u001b[48;2;255;255;255m\u2580");
        assertThat(result.out()).contains("sha256 verified");
    }

    @Test
    void obeysNoColorInATerminal() {
        answerTwoImages();

        CommandResult result = CommandResult.inTerminal(
                Map.of("TERM", "xterm-256color", "NO_COLOR", "1"), new TerminalSize(80, 24), arguments("--count", "2"));

        assertThat(result.out()).contains("=o  +o").doesNotContain("38;2", "38;5", "\u2580");
    }

    @Test
    void movesNoCursorInADumbTerminal() {
        answerTwoImages();

        CommandResult result = CommandResult.inTerminal(
                Map.of("TERM", "dumb"), new TerminalSize(80, 24), arguments("--count", "2"));

        assertThat(result.out()).contains("=o  +o").doesNotContain("\u001b");
    }

    @Test
    void printsEveryEventAsALineOfJsonAndNothingElse() throws IOException {
        answerTwoImages();
        Path file = folder.resolve("sheet.png");

        CommandResult result = CommandResult.of(arguments("--count", "2", "--json", "--out", file.toString()));

        assertThat(result.exitCode()).isZero();
        List<GenerateResponse> events = new ArrayList<>();
        for (String line : result.lines()) {
            GenerateResponse.Builder event = GenerateResponse.newBuilder();
            JsonFormat.parser().merge(line, event);
            events.add(event.build());
        }
        assertThat(events)
                .containsExactly(
                        event(started(GEOMETRY)),
                        event(pixels(0, 0, 0, 0)),
                        event(pixels(1, 1, 0, 3, 3, 0)),
                        event(pixels(2, 0, 1, 1, 2, 3)),
                        event(pixels(3, 1, 3, 1)),
                        event(finished(FIRST, SECOND)));
        assertThat(result.lines().get(1)).contains("\"imageIndex\":0", "\"values\":\"AA==\"");
        assertThat(file).exists();
    }

    @Test
    void writesTheImageThatIsMadeOfCodesAndPrintsThemAsJson() throws IOException {
        answer(
                event(startedWithCodes(GEOMETRY, 1, 2, 16)),
                tokens(0, 0, 0, 9),
                tokens(1, 0, 1, 15),
                event(pixels(0, 0, 0, 0, 1, 2, 3)),
                event(finished(FIRST)));
        Path out = folder.resolve("codes.png");

        CommandResult result = CommandResult.of(arguments("--json", "--out", out.toString()));

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("\"codes\":{\"columns\":1,\"rows\":2,\"codes\":16}", "\"codes\":[15]");
        assertThat(ImageIO.read(out.toFile()).getRaster().getSample(1, 1, 0)).isEqualTo(255);
    }

    @Test
    void saysWhoAsksAndHowUrgentItIs() {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(finished(FIRST)));

        assertThat(CommandResult.of(arguments("--priority", "HIGH", "--client", "team:7")).exitCode()).isZero();
        assertThat(server.generateRequest.getPriority()).isEqualTo(Priority.PRIORITY_HIGH);
        assertThat(server.client).isEqualTo("team:7");
        assertThat(CommandResult.of(arguments()).exitCode()).isZero();
        assertThat(server.generateRequest.getPriority()).isEqualTo(Priority.PRIORITY_UNSPECIFIED);
        assertThat(server.client).isNull();

        assertThat(CommandResult.of(arguments("--priority", "urgent")).err()).contains("low, normal or high");
        assertThat(CommandResult.of(arguments("--client", "no spaces")).err()).contains("1 to 64 letters");
    }

    @Test
    void sendsWhatTheFlagsSay() throws IOException {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 1, 1, 2, 3)), event(finished(FIRST)));
        Path prefix = Files.write(folder.resolve("prefix"), bytes(0));

        CommandResult result = CommandResult.of(arguments(
                "--class", "Sneaker", "--seed", "18446744073709551615", "--temperature", "0.5", "--top-k", "3",
                "--top-p", "0.9", "--cadence", "interval", "--interval-ms", "50", "--prefix", prefix.toString()));

        assertThat(result.err()).isEmpty();
        GenerateRequest request = server.generateRequest;
        assertThat(request.getModel().getName()).isEqualTo("tiny");
        assertThat(request.getLabel().getName()).isEqualTo("Sneaker");
        assertThat(request.getLabel().hasIndex()).isFalse();
        assertThat(request.getSeed()).isEqualTo(-1);
        assertThat(request.getSampling().getTemperature()).isEqualTo(0.5f);
        assertThat(request.getSampling().getTopK()).isEqualTo(3);
        assertThat(request.getSampling().getTopP()).isEqualTo(0.9f);
        assertThat(request.getCadence().getMode()).isEqualTo(CadenceMode.CADENCE_MODE_INTERVAL);
        assertThat(request.getCadence().getIntervalMs()).isEqualTo(50);
        assertThat(request.getPrefix().toByteArray()).isEqualTo(bytes(0));
    }

    @Test
    void showsAndKeepsTheLikeliestOnly() throws IOException {
        Finished whole = finished(FIRST, SECOND);
        Finished.Builder best = whole.toBuilder();
        best.getImagesBuilder(1).setFinishReason(FinishReason.FINISH_REASON_ABANDONED).clearSha256();
        answer(
                event(started(GEOMETRY)),
                event(pixels(0, 0, 0, 0, 1, 2, 3)),
                event(pixels(1, 1, 0, 3, 3)),
                event(best.build()));
        Path file = folder.resolve("best.png");

        CommandResult result = CommandResult.of(arguments(
                "--best-of", "2", "--margin", "1.5", "--cadence", "percent", "--percent", "12.5",
                "--out", file.toString()));

        assertThat(result.err()).isEmpty();
        GenerateRequest request = server.generateRequest;
        assertThat(request.getCount()).isEqualTo(2);
        assertThat(request.getBestOf().getKeep()).isOne();
        assertThat(request.getBestOf().getMarginNats()).isEqualTo(1.5f);
        assertThat(request.getCadence().getMode()).isEqualTo(CadenceMode.CADENCE_MODE_PERCENT);
        assertThat(request.getCadence().getPercent()).isEqualTo(12.5f);
        assertThat(result.lines().get(0)).isEqualTo("=o");
        assertThat(result.lines().get(1)).startsWith("1 image (1 given up) of 2x2 in ").endsWith("  0.500 bits/dim");
        assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(2);
    }

    @Test
    void leavesToTheServerWhatNoFlagSays() {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(finished(FIRST)));

        CommandResult.of(arguments("--class", "7"));

        GenerateRequest request = server.generateRequest;
        assertThat(request.hasSeed()).isFalse();
        assertThat(request.getSampling().hasTemperature()).isFalse();
        assertThat(request.getSampling().hasTopP()).isFalse();
        assertThat(request.getLabel().getIndex()).isEqualTo(7);
        assertThat(request.getCount()).isOne();
    }

    @Test
    void writesTheLevelsOfOneImageAsTheirIntensities() throws IOException {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(finished(FIRST)));
        Path file = folder.resolve("one.png");

        CommandResult result = CommandResult.of(arguments("--out", file.toString()));

        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getRaster().getSamples(0, 0, 2, 2, 0, (int[]) null)).containsExactly(0, 85, 170, 255);
        assertThat(result.out()).endsWith("wrote " + file + "\n");
    }

    @Test
    void writesOneFileForEachImageWhenTheNameHasAPlaceForTheIndex() throws IOException {
        answerTwoImages();

        CommandResult.of(arguments("--count", "2", "--out", folder.resolve("image-{i}.png").toString()));

        assertThat(ImageIO.read(folder.resolve("image-1.png").toFile())
                        .getRaster()
                        .getSamples(0, 0, 2, 2, 0, (int[]) null))
                .containsExactly(255, 255, 0, 85);
        assertThat(folder.resolve("image-0.png")).exists();
    }

    @Test
    void failsAndWritesNothingWhenTheDigestDiffers() {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 0, 0, 1, 2, 3)), event(finished(SECOND)));
        Path file = folder.resolve("bad.png");

        CommandResult result = CommandResult.of(arguments("--out", file.toString()));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("DATA_LOSS: image 0: the received values have sha256 ");
        assertThat(result.out()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void failsWhenTheStreamEndsBeforeFinished() {
        answer(event(started(GEOMETRY)), event(pixels(0, 0, 0, 0, 1)));

        CommandResult result = CommandResult.of(arguments());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("DATA_LOSS: the stream ended before Finished\n");
    }

    @Test
    void givesTheCallUpWhenTheStreamIsWrong() throws Exception {
        server.generate = (request, responses) -> {
            responses.onNext(event(started(GEOMETRY)));
            responses.onNext(event(pixels(1, 0, 0, 0)));
        };

        CommandResult result = CommandResult.of(arguments());

        assertThat(result.err()).isEqualTo("DATA_LOSS: Pixels message 1 arrived where 0 was due\n");
        server.cancelled.get(5, TimeUnit.SECONDS);
    }

    @Test
    void tellsStatusReasonAndFieldOfARefusal() {
        refuse(
                Code.INVALID_ARGUMENT,
                "temperature must be 0 to 10",
                ErrorInfo.newBuilder().setReason("TEMPERATURE_OUT_OF_RANGE").setDomain("scanline").build(),
                BadRequest.newBuilder()
                        .addFieldViolations(BadRequest.FieldViolation.newBuilder().setField("sampling.temperature"))
                        .build());

        CommandResult result = CommandResult.of(arguments("--temperature", "-1", "--json"));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .isEqualTo("INVALID_ARGUMENT TEMPERATURE_OUT_OF_RANGE: temperature must be 0 to 10"
                        + " (field sampling.temperature)\n");
    }

    @Test
    void tellsWhenToTryAgain() {
        refuse(
                Code.RESOURCE_EXHAUSTED,
                "32 images wait",
                ErrorInfo.newBuilder().setReason("QUEUE_FULL").setDomain("scanline").build(),
                RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(1).setNanos(500_000_000))
                        .build());

        CommandResult result = CommandResult.of(arguments());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("RESOURCE_EXHAUSTED QUEUE_FULL: 32 images wait (retry after 1.5 s)\n");
    }

    @Test
    void letsNoServerSendEscapeCodes() {
        refuse(Code.INTERNAL, "a\u001b[2Jb\nINVALID_ARGUMENT: c");

        assertThat(CommandResult.of(arguments()).err()).isEqualTo("INTERNAL: a?[2Jb?INVALID_ARGUMENT: c\n");
    }

    @Test
    void saysThatNobodyAnswers() throws InterruptedException {
        String target = server.target();
        server.close();

        CommandResult result = CommandResult.of("generate", "--target", target, "--model", "tiny");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("UNAVAILABLE: Connection refused").contains("--target");
        assertThat(result.err().lines()).hasSize(1);
    }

    @Test
    void givesUpAtTheDeadline() throws Exception {
        server.generate = (request, responses) -> responses.onNext(event(started(GEOMETRY)));

        CommandResult result = CommandResult.of(arguments("--deadline", "0.3"));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).startsWith("DEADLINE_EXCEEDED: ");
        server.cancelled.get(5, TimeUnit.SECONDS);
    }

    @Test
    void keepsTheUnfinishedPictureButNotTheStatusLineWhenTheServerFails() {
        server.generate = (request, responses) -> {
            responses.onNext(event(started(GEOMETRY)));
            responses.onNext(event(pixels(0, 0, 0, 0, 1)));
            responses.onError(io.grpc.Status.INTERNAL.withDescription("broken").asRuntimeException());
        };

        CommandResult result = CommandResult.inTerminal(
                Map.of("TERM", "xterm"), new TerminalSize(80, 24), arguments());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("INTERNAL: broken\n");
        assertThat(result.out()).endsWith("\u001b[?25h").contains("\u001b[2K =\n").doesNotContain("verified");
    }

    @Test
    void badArgumentsNeedNoServer() {
        answerTwoImages();

        assertThat(CommandResult.of(arguments("--count", "-1")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--count", "two")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--seed", "0x1")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--best-of", "2", "--count", "3")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--margin", "1")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--cadence", "often")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--color", "red")).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of(arguments("--deadline", "NaN")).exitCode()).isEqualTo(2);
        String nowhere = folder.resolve("no/such.png").toString();
        assertThat(CommandResult.of(arguments("--out", nowhere)).exitCode()).isEqualTo(2);
        assertThat(CommandResult.of("embed").exitCode()).isEqualTo(2);
        assertThat(CommandResult.of().exitCode()).isEqualTo(2);
        assertThat(server.generateRequest).isNull();
    }

    @Test
    void tellsBadArgumentsInTwoLines() {
        assertThat(CommandResult.of("generate").err().lines())
                .containsExactly("Missing required option: '--model=NAME[/VERSION]'",
                        "Try 'scanline generate --help'.");
        assertThat(CommandResult.of("generate", "--model", "tiny", "--sed", "1").err())
                .startsWith("Unknown option")
                .contains("--seed");
    }

    @Test
    void namesAMissingPrefixFile() {
        CommandResult result = CommandResult.of(arguments("--prefix", folder.resolve("none").toString()));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).endsWith("none: no such file or directory\n");
    }
}
