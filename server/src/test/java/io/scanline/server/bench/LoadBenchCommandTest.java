package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.engine.TinyBundle;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the benches measure every row, on models so small that the figures mean nothing. */
@Timeout(120)
class LoadBenchCommandTest {
    private static final String MODELS = TinyBundle.repository().toString();

    @Test
    void everyRowOfTheLoadIsOneLineOfJson() throws Exception {
        CommandRun run = CommandRun.of(
                new LoadBenchCommand(), "--models", MODELS, "--model", "tiny", "--slots", "3", "--seconds", "0.2",
                "--rounds", "1", "--json");
        assertThat(run.rows("tiny/1")).startsWith( // and how soon slots were free, if anybody left in so short a time
                "throughput streams=3 over streams=1",
                "first-pixel-p99-over-step load=30", "first-pixel-p99-over-static load=30",
                "pixel-gap-p99-over-step load=30", "pixel-gap-p99-over-static load=30",
                "first-pixel-p99-over-step load=60", "first-pixel-p99-over-static load=60",
                "pixel-gap-p99-over-step load=60", "pixel-gap-p99-over-static load=60",
                "first-pixel-p99-over-step load=80", "first-pixel-p99-over-static load=80",
                "pixel-gap-p99-over-step load=80", "pixel-gap-p99-over-static load=80");
    }

    @Test
    void twoModelsAndAnEncoderAreMeasuredBesideEachOther() {
        CommandRun run = CommandRun.of(
                new LanesBenchCommand(), "--models", MODELS, "--drawing", "tiny,tiny-ring", "--encoder", "tiny-prior",
                "--slots", "2", "--seconds", "0.1", "--rounds", "1", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out().lines().map(LoadBenchCommandTest::name)).containsExactly(
                "share model=tiny beside=tiny-ring", "share model=tiny-ring beside=tiny", "shares-over-alternating",
                "shares-over-alternating by processor time",
                "embed-p99-over-idle beside=tiny", "embed-p99-raised-over-step beside=tiny",
                "embed-p99-over-idle beside=tiny-ring", "embed-p99-raised-over-step beside=tiny-ring");
    }

    @Test
    void stepsAreMeasuredAgainstTheRoofs() throws Exception {
        for (String model : List.of(TinyBundle.NAME, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH)) {
            CommandRun run = CommandRun.of(
                    new RooflineBenchCommand(), "--models", MODELS, "--model", model, "--rounds", "1", "--json");
            assertThat(run.rows(model + "/1")).containsExactly(
                    "step-over-roofline slots=1", "step-over-roofline slots=4", "step-over-roofline slots=16");
        }
    }

    private static String name(String row) {
        return row.replaceAll(".*\"name\":\"([^\"]*)\".*", "$1").replace("\\u003d", "=");
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(CommandRun.of(new LoadBenchCommand(), "--rounds", "0").exitCode()).isEqualTo(2);
        assertThat(CommandRun.of(new LoadBenchCommand(), "--seconds", "nan").exitCode()).isEqualTo(2);
        assertThat(CommandRun.of(new LanesBenchCommand(), "--drawing", "one").exitCode()).isEqualTo(2);
        CommandRun codes = CommandRun.of(new LoadBenchCommand(), "--models", MODELS, "--model", TinyBundle.PRIOR);
        assertThat(codes.exitCode()).isEqualTo(1);
        assertThat(codes.err()).contains("draws no values");
    }
}
