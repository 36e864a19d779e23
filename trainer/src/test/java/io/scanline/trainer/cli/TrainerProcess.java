package io.scanline.trainer.cli;

import io.scanline.trainer.JavaProcess;
import io.scanline.trainer.Main;
import java.io.IOException;
import java.nio.file.Path;
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
        return JavaProcess.start(log, javaOptions, Main.class, arguments);
    }
}
