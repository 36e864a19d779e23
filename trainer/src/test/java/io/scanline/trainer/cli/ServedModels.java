package io.scanline.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged server in a process of its own, on a free port, with models that were just exported. */
final class ServedModels implements AutoCloseable {
    private static final Path JAR = Path.of("..", "server", "target", "scanline-server.jar").toAbsolutePath().normalize();
    private static final Pattern READY = Pattern.compile("ready grpc=(\\d+) ");
    private static final long LIMIT_SECONDS = 120;
    private static final long POLL_MILLIS = 20;

    private final Process process;
    private final ManagedChannel channel;

    private ServedModels(Process process, int port) {
        this.process = process;
        this.channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    /** Starts it and waits until it answers; what it prints goes to a file. */
    static ServedModels start(Path models, Path log) throws IOException, InterruptedException {
        assertThat(JAR).as("the packaged server: mvn verify makes it before these tests").isRegularFile();
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString(), "serve",
                "--models", models.toString(), "--port", "0", "--web-port", "0", "--admin-port", "0");
        builder.environment().keySet().removeIf(name -> name.startsWith("SCANLINE_"));
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        boolean ready = false;
        try {
            Matcher line = awaitReady(process, log);
            ready = true;
            return new ServedModels(process, Integer.parseInt(line.group(1)));
        } finally {
            if (!ready) {
                process.destroyForcibly();
            }
        }
    }

    private static Matcher awaitReady(Process process, Path log) throws IOException, InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (true) {
            String output = Files.readString(log);
            Matcher line = READY.matcher(output);
            if (line.find()) {
                return line;
            }
            assertThat(System.nanoTime()).as(output).isLessThan(limit);
            assertThat(process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)).as(output).isFalse();
        }
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void close() throws InterruptedException {
        channel.shutdownNow();
        process.destroy();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
