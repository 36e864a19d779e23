package io.scanline.cli;

import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.scanline.cli.stream.StreamViolation;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Says on standard error why a command failed, and which exit code that is. */
final class FailureReport implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(Exception failure, CommandLine line, ParseResult arguments) {
        PrintWriter err = line.getErr();
        if (failure instanceof StatusRuntimeException || failure instanceof StatusException) {
            err.println(RefusalText.of(failure));
            return 1;
        }
        if (failure instanceof CommandFailure known) {
            err.println(PlainText.line(known.getMessage()));
            return known.exitCode();
        }
        if (failure instanceof StreamViolation) {
            err.println("DATA_LOSS: " + PlainText.line(failure.getMessage()));
            return 1;
        }
        if (failure instanceof IOException) {
            err.println(PlainText.line(FileProblem.text((IOException) failure)));
            return 1;
        }
        err.println("This is a fault of the scanline command:");
        failure.printStackTrace(err);
        return 1;
    }
}
