package io.scanline.trainer.cli;

import static io.scanline.trainer.JavaProcess.exitCode;
import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.training.RunDirectory;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that are killed, and one that cannot start. */
class KillIT {
    private static final int STEPS = 40;
    private static final long LIMIT_SECONDS = 180;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"tiny", "tiny-gan"})
    void killedTrainingGoesOnToTheLossesOfAnUninterruptedOne(String recipe) throws IOException, InterruptedException {
        Path whole = Files.createDirectory(directory.resolve("whole"));
        Path killed = Files.createDirectory(directory.resolve("killed"));
        Process uninterrupted = train(recipe, whole, "whole.log");
        Process victim = train(recipe, killed, "victim.log");
        try {
            awaitLines(killed, 18);
            victim.destroyForcibly();
            assertThat(exitCode(victim)).as("exit code after SIGKILL").isEqualTo(128 + 9);
            assertThat(Files.readAllLines(killed.resolve("loss.csv"))).hasSizeLessThan(STEPS + 1);

            Process resumed = train(recipe, killed, "resumed.log");
            assertThat(exitCode(resumed)).as(read("resumed.log")).isZero();
            assertThat(read("resumed.log")).containsPattern("going on after step (14|21|28|35)");
            assertThat(exitCode(uninterrupted)).as(read("whole.log")).isZero();
        } finally {
            uninterrupted.destroyForcibly();
            victim.destroyForcibly();
        }
        assertThat(Files.readString(killed.resolve("loss.csv")))
                .isEqualTo(Files.readString(whole.resolve("loss.csv")))
                .hasLineCount(STEPS + 1);
    }

    @Test
    void processesTrainTogetherAndOneThatIsKilledEndsTheOthers() throws IOException, InterruptedException {
        Path run = directory.resolve("together");
        Process leader = TrainerProcess.start(
                directory.resolve("leader.log"),
                "train", "tiny", "--out", run.toString(), "--nproc", "2", "--precision", "fp32");
        try {
            Files.createDirectories(run);
            awaitLines(run, 3);
            List<ProcessHandle> companions = leader.children().toList();
            assertThat(companions).hasSize(1);
            companions.get(0).destroyForcibly();
            assertThat(exitCode(leader)).isEqualTo(1);
        } finally {
            leader.descendants().forEach(ProcessHandle::destroyForcibly);
            leader.destroyForcibly();
        }
        assertThat(read("leader.log")).contains("2 processes of 1 workers").contains("the processes of the training could not");
    }

    @Test
    void directoryInUseIsRefused() throws IOException, InterruptedException {
        Path run = directory.resolve("run");
        try (Closeable lock = new RunDirectory(run).lock()) {
            Process second = train("tiny", run, "second.log");
            assertThat(exitCode(second)).isEqualTo(1);
            assertThat(read("second.log")).hasLineCount(1).contains("another process is training there");
        }
        assertThat(run.resolve("recipe.yaml")).doesNotExist();
    }

    @Test
    void platformWithoutLibtorchIsNamed() throws IOException, InterruptedException {
        Process elsewhere = TrainerProcess.start(
                directory.resolve("elsewhere.log"),
                List.of("-Dorg.bytedeco.javacpp.platform=windows-x86_64"),
                "train", "tiny", "--out", directory.resolve("run").toString());
        assertThat(exitCode(elsewhere)).isEqualTo(1);
        assertThat(read("elsewhere.log")).hasLineCount(1).contains("windows-x86_64").contains("linux-x86_64 only");
    }

    private Process train(String recipe, Path run, String log) throws IOException {
        return TrainerProcess.start(
                directory.resolve(log),
                "train", recipe, "--out", run.toString(), "--steps", Integer.toString(STEPS),
                "--checkpoint-every", "7", "--precision", "fp32");
    }

    private String read(String log) throws IOException {
        return Files.readString(directory.resolve(log));
    }

    /** Waits until a run has written so many lines of losses, the header among them. */
    private static void awaitLines(Path run, int lines) throws IOException, InterruptedException {
        Path losses = run.resolve("loss.csv");
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        try (WatchService changes = run.getFileSystem().newWatchService()) {
            run.register(changes, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            while (!Files.exists(losses) || Files.readAllLines(losses).size() < lines) {
                var change = changes.poll(Math.max(0, limit - System.nanoTime()), TimeUnit.NANOSECONDS);
                assertThat(change).as("%d lines of losses in time", lines).isNotNull();
                change.pollEvents();
                change.reset();
            }
        }
    }
}
