package io.scanline.trainer.cli;

import io.scanline.trainer.Main;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The trainer in a process of its own. */
final class TrainerProcess {
    private TrainerProcess() {}

    /** Starts a command; what it prints goes to a file. */
    static Process start(Path log, String... arguments) throws IOException {
        return start(log, List.of(), arguments);
    }

    /** Starts a command with options of the Java machine. */
    static Process start(Path log, List<String> javaOptions, String... arguments) throws IOException {
        // Test runners hide the class path in a jar's manifest, but tell it.
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(javaOptions);
        command.addAll(List.of("-cp", classPath, Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }
}
