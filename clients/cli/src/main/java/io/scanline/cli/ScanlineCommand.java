package io.scanline.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

@Command(
        name = "scanline",
        description = "Draws images while a Scanline server makes them.",
        synopsisSubcommandLabel = "COMMAND")
final class ScanlineCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = {"-h", "--help"}, usageHelp = true, scope = ScopeType.INHERIT, description = "Show this help.")
    private boolean help;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "a command is needed: generate, complete, resume, cancel, fork, score, encode, interpolate, embed, rank,"
                        + " classify, caption or models");
    }
}
