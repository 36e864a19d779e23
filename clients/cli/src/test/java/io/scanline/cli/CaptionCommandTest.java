package io.scanline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.util.JsonFormat;
import io.grpc.Status;
import io.scanline.v1.CaptionEnd;
import io.scanline.v1.CaptionFinished;
import io.scanline.v1.CaptionRequest;
import io.scanline.v1.CaptionResponse;
import io.scanline.v1.CaptionStarted;
import io.scanline.v1.CaptionToken;
import io.scanline.v1.Model;
import io.scanline.v1.ModelState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptionCommandTest {
    private static final CaptionResponse STARTED =
            CaptionResponse.newBuilder().setStarted(CaptionStarted.newBuilder().setSeed(9).setMaxTokens(12)).build();

    @TempDir
    private Path folder;

    private FakeServer server;
    private Path picture;
    private final AtomicReference<CaptionRequest> asked = new AtomicReference<>();

    @BeforeEach
    void startServer() throws IOException {
        server = new FakeServer();
        picture = Files.write(folder.resolve("cat.png"), new byte[] {1, 2, 3});
        answer(STARTED, token(0, "red"), token(1, " cat"), finished("red cat"));
    }

    @AfterEach
    void stopServer() throws InterruptedException {
        server.close();
    }

    private void answer(CaptionResponse... events) {
        server.caption = (request, responses) -> {
            asked.set(request);
            List.of(events).forEach(responses::onNext);
            responses.onCompleted();
        };
    }

    private static CaptionResponse token(int index, String text) {
        return CaptionResponse.newBuilder()
                .setToken(CaptionToken.newBuilder()
                        .setIndex(index).setId(index + 7).setText(text).setLogProbability(-1))
                .build();
    }

    private static CaptionResponse finished(String text) {
        return CaptionResponse.newBuilder()
                .setFinished(CaptionFinished.newBuilder().setText(text).setEnd(CaptionEnd.CAPTION_END_COMPLETE))
                .build();
    }

    private CommandResult run(String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("caption", "--target", server.target(), "--model", "eye/2", picture.toString()));
        arguments.addAll(List.of(more));
        return CommandResult.of(arguments.toArray(String[]::new));
    }

    @Test
    void wordsBecomeALine() {
        CommandResult result = run("--seed", "5", "--temperature", "0.5", "--top-k", "3", "--max-tokens", "4");
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).isEqualTo("red cat\n");
        assertThat(asked.get().getModel().getVersion()).isEqualTo("2");
        assertThat(asked.get().getPicture().toByteArray()).containsExactly(1, 2, 3);
        assertThat(asked.get().getSeed()).isEqualTo(5);
        assertThat(asked.get().getSampling().getTemperature()).isEqualTo(0.5f);
        assertThat(asked.get().getSampling().getTopK()).isEqualTo(3);
        assertThat(asked.get().getMaxTokens()).isEqualTo(4);
    }

    @Test
    void nothingIsAskedForThatWasNotSaid() {
        run();
        assertThat(asked.get().hasSeed()).isFalse();
        assertThat(asked.get().getSampling().hasTemperature()).isFalse();
        assertThat(asked.get().getMaxTokens()).isZero();
    }

    @Test
    void eventsAreLinesOfJson() throws IOException {
        CommandResult result = run("--json");
        assertThat(result.exitCode()).isZero();
        assertThat(result.lines()).hasSize(4);
        CaptionResponse.Builder last = CaptionResponse.newBuilder();
        JsonFormat.parser().merge(result.lines().get(3), last);
        assertThat(last.build()).isEqualTo(finished("red cat"));
    }

    @Test
    void wordsDoNotCommandTheTerminal() {
        answer(STARTED, token(0, "\u001b[2Jred\n"), finished("\u001b[2Jred\n"));
        assertThat(run().out()).isEqualTo("?[2Jred?\n");
    }

    @Test
    void wordsThatAreNotTheCaptionAreAFailure() {
        answer(STARTED, token(0, "red"), finished("red cat"));
        CommandResult result = run();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("not the caption");
    }

    @Test
    void captionThatBreaksOffIsAFailure() {
        answer(STARTED, token(0, "red"));
        CommandResult result = run();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("red\n");
        assertThat(result.err()).contains("broke off");
    }

    @Test
    void refusalIsTold() {
        server.caption = (request, responses) -> responses.onError(
                Status.FAILED_PRECONDITION.withDescription("the model puts no images into words").asRuntimeException());
        CommandResult result = run();
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).contains("the model puts no images into words");
    }

    @Test
    void argumentsAreChecked() {
        assertThat(run("--max-tokens", "-1").exitCode()).isEqualTo(2);
        assertThat(CommandResult.of("caption", "--model", "eye").exitCode()).isEqualTo(2);
        CommandResult missing = CommandResult.of(
                "caption", "--target", server.target(), "--model", "eye", folder.resolve("none.png").toString());
        assertThat(missing.exitCode()).isEqualTo(1);
        assertThat(missing.err()).contains("none.png");
    }

    @Test
    void modelsSaysWhoWritesCaptions() {
        server.models = List.of(Model.newBuilder()
                .setName("eye").setVersion("2").setState(ModelState.MODEL_STATE_SERVING).setCaptionTokens(12).build());
        assertThat(CommandResult.of("models", "--target", server.target()).out()).contains("in up to 12 tokens");
    }
}
