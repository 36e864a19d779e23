package io.scanline.trainer.training;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.JavaProcess;
import io.scanline.trainer.ops.Libtorch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two processes that train one network. */
class DistributedIT {
    private static final int STEPS = 12;

    @TempDir
    private Path directory;

    private String recipe = "tiny";
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    /** Those of both players of a game, too. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-gan"})
    void bothProcessesEndWithTheSameWeights(String trained) throws Exception {
        recipe = trained;
        train("first", STEPS);
        assertThat(digest("first-0.log")).isEqualTo(digest("first-1.log"));
    }

    @Test
    void resumedProcessesGiveTheWeightsOfUninterruptedOnes() throws Exception {
        train("whole", STEPS);
        train("parts", 8);
        Files.move(directory.resolve("whole-0.log"), directory.resolve("whole.log"));
        train("parts", STEPS);
        assertThat(digest("parts-0.log")).isEqualTo(digest("whole.log")).isEqualTo(digest("parts-1.log"));
        assertThat(Files.readString(directory.resolve("parts/loss.csv")))
                .isEqualTo(Files.readString(directory.resolve("whole/loss.csv")))
                .hasLineCount(STEPS + 1);
        assertThat(directory.resolve("nowhere")).doesNotExist(); // rank 1 writes nothing
    }

    @Test
    void lossesAreThoseOfOneProcess() throws Exception {
        Libtorch.load();
        train("two", STEPS);
        Path alone = directory.resolve("alone");
        try (TrainingRun run = SmallTraining.run(alone, 1, Peers.NONE)) {
            run.train(STEPS, point -> {});
        }
        assertClose(losses(directory.resolve("two")), losses(alone));
    }

    private static float[] losses(Path run) throws IOException {
        List<LossCurve.Point> points = new RunDirectory(run).curve().read();
        float[] losses = new float[points.size()];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (float) points.get(i).training();
        }
        return losses;
    }

    /** Trains in NAME with two processes, whose output goes to NAME-0.log and NAME-1.log. */
    private void train(String name, int steps) throws Exception {
        Path port = directory.resolve(name + ".port");
        Files.deleteIfExists(port);
        Process leader = peer(0, name, port, directory.resolve(name), steps);
        JavaProcess.awaitFile(port, leader);
        Process other = peer(1, name, port, directory.resolve("nowhere"), steps);
        JavaProcess.awaitSuccess(leader, directory.resolve(name + "-0.log"));
        JavaProcess.awaitSuccess(other, directory.resolve(name + "-1.log"));
    }

    private Process peer(int rank, String name, Path port, Path run, int steps) throws IOException {
        Process process = JavaProcess.start(
                directory.resolve(name + "-" + rank + ".log"),
                List.of(),
                PeerProcess.class,
                Integer.toString(rank), "2", port.toString(), run.toString(), Integer.toString(steps), recipe);
        processes.add(process);
        return process;
    }

    private String digest(String log) throws IOException {
        List<String> lines = Files.readAllLines(directory.resolve(log)); // gloo also says something
        String last = lines.get(lines.size() - 1);
        assertThat(last).matches("[0-9a-f]{64}");
        return last;
    }
}
