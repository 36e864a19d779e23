package io.scanline.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.Main;
import io.scanline.server.engine.TinyBundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The measurement against the Deep Java Library, which must come before all else that uses ONNX Runtime. */
@Timeout(600)
class DjlBenchProcessTest {
    @TempDir
    private Path directory;

    private CommandRun run(String model, String bundle) throws Exception {
        Path models = directory.resolve("models-of-" + model);
        TinyBundle.copyOf(bundle, models, model);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        ProcessBuilder bench = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), Main.class.getName(), "bench",
                "decode", "--models", models.toString(), "--threads", "1", "--seconds", "0.02", "--json");
        bench.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = bench.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            assertThat(process.waitFor(500, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new CommandRun(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @Test
    void cacheIsHandedFromStepToStep() throws Exception {
        assertThat(run("cached", TinyBundle.NAME).rows("cached/1"))
                .contains("engine-over-djl slots=1", "engine-over-djl slots=4", "engine-over-djl slots=16");
    }

    @Test
    void modelWhoseMemoriesAreGatheredLacksTheRowsAndIsToldSo() throws Exception {
        CommandRun run = run("gathered", TinyBundle.RING);
        assertThat(run.rows("gathered/1")).contains("engine-over-bare slots=16 ragged");
        assertThat(run.out()).doesNotContain("djl");
        assertThat(run.err()).contains("engine-over-djl is left out").contains("gathered between them");
    }
}
