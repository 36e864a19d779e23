package io.scanline.trainer.cli;

import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Says in one line of standard error why a command failed, and gives the exit code. */
final class FailureReport {
    private FailureReport() {}

    static int badArguments(ParameterException bad, String[] args) {
        PrintWriter err = bad.getCommandLine().getErr();
        err.println(prefix(bad.getCommandLine()) + firstLine(bad.getMessage()) + " (see --help)");
        return CommandLine.ExitCode.USAGE;
    }

    static int failed(Exception failure, CommandLine line, boolean verbose) {
        PrintWriter err = line.getErr();
        err.println(prefix(line) + reason(failure));
        if (verbose) {
            failure.printStackTrace(err);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String prefix(CommandLine line) {
        return line.getCommandSpec().qualifiedName() + ": ";
    }

    private static String reason(Exception failure) {
        String message = failure.getMessage();
        if (failure instanceof FileSystemException broken && broken.getReason() == null) {
            if (broken instanceof NoSuchFileException) {
                return "no such file or directory: " + message;
            }
            return broken instanceof AccessDeniedException
                    ? "not allowed: " + message
                    : broken.getClass().getSimpleName() + ": " + message;
        }
        // Messages of the native libraries go on with their own stack traces.
        return message == null ? failure.getClass().getSimpleName() : firstLine(message);
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
