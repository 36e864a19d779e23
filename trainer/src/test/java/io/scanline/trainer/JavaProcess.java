package io.scanline.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs with the class path of the tests, each in a process of its own. */
public final class JavaProcess {
    private static final long LIMIT_SECONDS = 180;
    private static final long POLL_MILLIS = 20;

    private JavaProcess() {}

    /** Starts a program; what it prints goes to a file. */
    public static Process start(Path log, List<String> javaOptions, Class<?> main, String... arguments)
            throws IOException {
        // Test runners hide the class path in a jar's manifest, but tell it.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /** The exit code, awaited within a limit. */
    public static int exitCode(Process process) throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("ended in time").isTrue();
        return process.exitValue();
    }

    /** Waits for an exit with code 0. */
    public static void awaitSuccess(Process process, Path log) throws IOException, InterruptedException {
        assertThat(exitCode(process)).as(Files.readString(log)).isZero();
    }

    /** Waits until a running process has written a file. */
    public static void awaitFile(Path file, Process process) throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (!Files.exists(file)) {
            assertThat(System.nanoTime()).as("%s in time", file).isLessThan(limit);
            assertThat(process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)).as("ended without %s", file).isFalse();
        }
    }
}
