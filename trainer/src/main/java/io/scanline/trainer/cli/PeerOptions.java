package io.scanline.trainer.cli;

import io.scanline.trainer.Main;
import io.scanline.trainer.training.GlooPeers;
import io.scanline.trainer.training.Peers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Processes that train together, on this host and others. Those that this command starts, and those that another launcher
 * starts, find their place in the variables of torch.distributed: RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT.
 */
final class PeerOptions implements AutoCloseable {
    private static final String RANK = "RANK";
    private static final String SIZE = "WORLD_SIZE";
    private static final String ADDRESS = "MASTER_ADDR";
    private static final String PORT = "MASTER_PORT";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--nproc",
            paramLabel = "N",
            defaultValue = "1",
            description = "Processes on this host that train together. Default: ${DEFAULT-VALUE}.")
    private int processes;

    @Option(
            names = "--rendezvous",
            paramLabel = "HOST:PORT",
            description = "Where node 0 listens, when several hosts train together. Default: on this host only.")
    private String rendezvous;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "1",
            description = "Hosts that train together, each started with the same command and its own --node."
                    + " Default: ${DEFAULT-VALUE}.")
    private int nodes;

    @Option(
            names = "--node",
            paramLabel = "N",
            defaultValue = "0",
            description = "Which of the hosts this is, from 0. Default: ${DEFAULT-VALUE}.")
    private int node;

    private final List<Process> children = new ArrayList<>();

    /** Checks the options against each other. */
    void check() {
        require(processes >= 1, "--nproc " + processes + " is below 1");
        require(nodes >= 1, "--nodes " + nodes + " is below 1");
        require(node >= 0 && node < nodes, "--node " + node + " is not one of --nodes " + nodes + ", which count from 0");
        require(nodes == 1 || rendezvous != null, "--nodes " + nodes + " needs --rendezvous HOST:PORT");
        if (rendezvous != null) {
            address(rendezvous);
        }
    }

    private void require(boolean met, String otherwise) {
        if (!met) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    private InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            require(colon > 0 && port >= 1 && port <= 0xFFFF, "--rendezvous " + text + " is not HOST:PORT");
            return InetSocketAddress.createUnresolved(text.substring(0, colon), port);
        } catch (NumberFormatException noPort) {
            throw new ParameterException(spec.commandLine(), "--rendezvous " + text + " is not HOST:PORT", noPort);
        }
    }

    /**
     * Joins the other processes; the first of this host starts its companions.
     *
     * @throws IOException when they cannot meet
     */
    Peers join() throws IOException {
        if (System.getenv(RANK) != null) {
            return GlooPeers.meet(
                    InetSocketAddress.createUnresolved(variable(ADDRESS), number(PORT)), number(RANK), number(SIZE));
        }
        int size = nodes * processes;
        if (size == 1) {
            return Peers.NONE;
        }
        InetSocketAddress meeting =
                rendezvous == null ? InetSocketAddress.createUnresolved("127.0.0.1", 0) : address(rendezvous);
        GlooPeers peers = GlooPeers.meet(meeting, node * processes, size);
        for (int local = 1; local < processes; local++) {
            children.add(companion(meeting.getHostString(), peers.port(), node * processes + local, size));
        }
        return peers;
    }

    private static String variable(String name) throws IOException {
        String value = System.getenv(name);
        if (value == null) {
            throw new IOException("the environment has " + RANK + " but not " + name);
        }
        return value;
    }

    private static int number(String name) throws IOException {
        try {
            return Integer.parseInt(variable(name));
        } catch (NumberFormatException wrong) {
            throw new IOException("the environment's " + name + " is not a number: " + variable(name), wrong);
        }
    }

    /** The same command again, as another rank. */
    private Process companion(String host, int port, int rank, int size) throws IOException {
        CommandLine root = spec.root().commandLine();
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(root.getParseResult().originalArgs());
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment()
                .putAll(Map.of(
                        RANK, Integer.toString(rank),
                        SIZE, Integer.toString(size),
                        ADDRESS, host,
                        PORT, Integer.toString(port)));
        return builder.start();
    }

    /** Ends the companions that this process started; those that trained to the end have ended by themselves. */
    @Override
    public void close() {
        children.forEach(Process::destroy);
    }
}
