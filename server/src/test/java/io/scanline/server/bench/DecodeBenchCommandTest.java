package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.engine.TinyBundle;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That the bench measures every row, on a model so small that the figures mean nothing. */
@Timeout(60)
class DecodeBenchCommandTest {
    private static final String MODELS = TinyBundle.repository().toString();

    /** Without the library: it wants a process of its own, and has it in {@link DjlBenchProcessTest}. */
    private static CommandRun run(String... arguments) {
        return CommandRun.of(
                new DecodeBenchCommand(),
                Stream.concat(Stream.of("--no-djl"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** A whole image in one run needs the keys and values of all its positions, also where layers see a window. */
    @Test
    void layersWithAWindowAreMeasuredAgainstTheNaiveForwardToo() throws Exception {
        assertThat(run("--models", MODELS, "--model", TinyBundle.WINDOWS, "--threads", "1", "--seconds", "0.02", "--json")
                        .rows("tiny-windows/1"))
                .contains("engine-over-naive slots=1", "engine-over-bare slots=16 ragged", "int8-over-fp32 slots=16");
    }

    @Test
    void everyRowIsOneLineOfJson() throws Exception {
        assertThat(run("--models", MODELS, "--model", "tiny", "--threads", "1", "--seconds", "0.02", "--json")
                        .rows("tiny/1"))
                .containsExactly(
                        "engine-over-bare slots=1 aligned",
                        "engine-over-bare slots=1 ragged",
                        "engine-over-naive slots=1",
                        "step-late-over-early slots=1",
                        "engine-over-bare slots=4 aligned",
                        "engine-over-bare slots=4 ragged",
                        "engine-over-bare slots=16 aligned",
                        "engine-over-bare slots=16 ragged",
                        "runs-per-pixel streams=1 model=tiny",
                        "guess-over-plain streams=1 model=tiny",
                        "guess-over-plain streams=2 model=tiny",
                        "guess-over-plain streams=4 model=tiny",
                        "guess-over-plain streams=16 model=tiny");
    }

    @Test
    void bytesAreProvedToBeTheSameWithGuessing() throws Exception {
        CommandRun run = run(
                "--models", MODELS, "--model", TinyBundle.NEIGHBOURS, "--threads", "1", "--prove", "20");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("20 random requests: the bytes are equal");
    }

    @Test
    void stepsInInt8AreMeasuredAgainstThoseInFp32() throws Exception {
        CommandRun run = run(
                "--models", MODELS, "--model", TinyBundle.INT8, "--threads", "1", "--seconds", "0.02", "--json",
                "--only-precision");
        assertThat(run.rows("tiny-int8/1")).containsExactly("int8-over-fp32 slots=16", "int8-over-fp32 slots=1");
        assertThat(run.out()).contains("all slots at value 32 of 64, 4096 bytes of state a slot against 16384");
        assertThat(run("--models", MODELS, "--model", TinyBundle.ROWS, "--threads", "1", "--only-precision").err())
                .contains("int8-over-fp32 is left out");
    }

    @Test
    void bytesAreProvedInEveryPrecision() throws Exception {
        CommandRun run = run("--models", MODELS, "--model", TinyBundle.INT8, "--threads", "1", "--prove", "12");
        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("12 random requests in fp32: the bytes")
                .contains("12 random requests in int8: the bytes are equal");
    }

    @Test
    void modelWithoutAWholeForwardLacksThatRowAndIsToldSo() throws Exception {
        CommandRun run = run(
                "--models", MODELS, "--model", TinyBundle.ROW_GRAPH, "--threads", "1", "--seconds", "0.02", "--json");
        assertThat(run.rows("tiny-row-graph/1"))
                .hasSize(7)
                .contains("engine-over-bare slots=16 ragged", "step-late-over-early slots=1")
                .doesNotContain("engine-over-naive slots=1");
        assertThat(run.err()).contains("engine-over-naive is left out").contains("one position in a run");
    }

    @Test
    void codesOfAPriorAreMeasuredLikeValues() throws Exception {
        CommandRun run = run(
                "--models", MODELS, "--model", TinyBundle.PRIOR, "--threads", "1", "--seconds", "0.02", "--json");
        assertThat(run.rows("tiny-prior/1 3x4 codes"))
                .hasSize(7)
                .contains("engine-over-bare slots=16 ragged", "step-late-over-early slots=1");
        assertThat(run.out()).contains("codes/s").doesNotContain("pixels/s");
    }

    @Test
    void badArgumentsAreRefused() {
        assertThat(run("--models", "no-such-directory").exitCode()).isEqualTo(2);
        assertThat(run("--models", MODELS, "--seconds", "0").exitCode()).isEqualTo(2);
        assertThat(run("--models", MODELS, "--prove", "0").exitCode()).isEqualTo(2);
        CommandRun unknown = run("--models", MODELS, "--model", "nobody");
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("MODEL_NOT_FOUND");
    }
}
