package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.engine.TinyBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the bench measures every row, on a model so small that the figures mean nothing. */
@Timeout(60)
class StreamBenchCommandTest {
    private static CommandRun run(String... arguments) {
        return CommandRun.of(new StreamBenchCommand(), arguments);
    }

    @Test
    void everyRowIsOneLineOfJson() throws Exception {
        String models = TinyBundle.repository().toString();
        assertThat(run("--models", models, "--model", "tiny", "--streams", "3", "--rounds", "1", "--json")
                        .rows("tiny/1"))
                .containsExactly("grpc-over-engine streams=3", "beside-slow-over-beside-eager streams=3");
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(run("--rounds", "0").exitCode()).isEqualTo(2);
        CommandRun alone = run("--streams", "1");
        assertThat(alone.exitCode()).isEqualTo(2);
        assertThat(alone.err()).contains("--streams 2 to 1000");
    }

    @Test
    void modelThatDrawsCodesIsRefused() {
        CommandRun codes = run("--models", TinyBundle.repository().toString(), "--model", TinyBundle.PRIOR);
        assertThat(codes.exitCode()).isEqualTo(1);
        assertThat(codes.err()).contains("draws no values");
    }
}
