package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.engine.TinyBundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EmbedBenchCommandTest {
    private static CommandRun run(String... arguments) {
        return CommandRun.of(new EmbedBenchCommand(), arguments);
    }

    @Test
    void measuresNewAndCachedLookUpsAgainstTheBareGraph() throws Exception {
        CommandRun measured = run(
                "--models", TinyBundle.repository().toString(), "--rounds", "2", "--requests", "2", "--threads", "1",
                "--json");

        assertThat(measured.rows("tiny-clip"))
                .containsExactly("embed-over-bare batch=1", "embed-over-bare batch=8", "cached-over-bare");
    }

    @Test
    void modelThatEmbedsNothingIsRefused() {
        CommandRun refused = run("--models", TinyBundle.repository().toString(), "--model", "tiny-classes");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("embeds nothing");
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(run("--rounds", "0").exitCode()).isEqualTo(2);
        assertThat(run("--requests", "0").exitCode()).isEqualTo(2);
    }
}
