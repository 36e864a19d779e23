package io.scanline.cli;

/** A command cannot do what it was asked to, for a reason that the message tells the user completely. */
final class CommandFailure extends Exception {
    private final int exitCode;

    private CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** It was tried and failed. */
    static CommandFailure failed(String message) {
        return new CommandFailure(1, message);
    }

    /** The arguments make no sense. */
    static CommandFailure badArgument(String message) {
        return new CommandFailure(2, message);
    }

    int exitCode() {
        return exitCode;
    }
}
