package io.scanline.cli;

import static io.scanline.cli.Events.event;
import static io.scanline.cli.Events.grey;
import static io.scanline.cli.Events.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "ends processes without asking them")
class InterruptTest {
    @Test
    void endingTheCommandCancelsTheCallWithoutAWord() throws Exception {
        try (FakeServer server = new FakeServer()) {
            server.generate = (request, responses) -> responses.onNext(event(started(grey(2, 2, 4))));
            Process command = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-cp", System.getProperty("java.class.path"), Main.class.getName(),
                            "generate", "--target", server.target(), "--model", "tiny", "--json")
                    .start();
            try {
                assertThat(command.inputReader().readLine()).startsWith("{\"started\":");
                // SIGTERM takes the way of SIGINT, which a shell may have told its background jobs to ignore.
                // Process.destroy() would also close the streams.
                command.toHandle().destroy();

                server.cancelled.get(10, TimeUnit.SECONDS);
                assertThat(command.waitFor(10, TimeUnit.SECONDS)).isTrue();
                assertThat(command.exitValue()).isEqualTo(128 + 15);
                assertThat(new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
            } finally {
                command.destroyForcibly();
            }
        }
    }
}
