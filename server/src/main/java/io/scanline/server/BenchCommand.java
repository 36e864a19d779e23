package io.scanline.server;

import io.scanline.server.bench.DecodeBenchCommand;
import io.scanline.server.bench.EmbedBenchCommand;
import io.scanline.server.bench.LanesBenchCommand;
import io.scanline.server.bench.LoadBenchCommand;
import io.scanline.server.bench.RooflineBenchCommand;
import io.scanline.server.bench.SoakBenchCommand;
import io.scanline.server.bench.StreamBenchCommand;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the measurements. */
@Command(
        name = "bench",
        description = "Measures this server against what it is built on.",
        mixinStandardHelpOptions = true,
        subcommands = {DecodeBenchCommand.class, StreamBenchCommand.class, LanesBenchCommand.class,
            LoadBenchCommand.class, RooflineBenchCommand.class, EmbedBenchCommand.class, SoakBenchCommand.class})
final class BenchCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name a measurement: decode, stream, lanes, load, roofline, embed or soak.");
    }
}
