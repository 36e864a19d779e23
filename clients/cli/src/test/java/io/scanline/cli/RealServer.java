package io.scanline.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged server as a process of its own, on free ports. */
final class RealServer implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready grpc=(\\d+) .*");

    private final Process process;
    private final int port;

    private RealServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts it with these models and waits until it answers. */
    static RealServer start(Path jar, Path models)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar.toString(), "serve",
                "--port", "0", "--web-port", "0", "--admin-port", "0", "--models", models.toString());
        // A variable of the person who runs the tests must not change what is tested.
        for (Map.Entry<String, String> variable : Map.copyOf(builder.environment()).entrySet()) {
            if (variable.getKey().startsWith("SCANLINE_")) {
                builder.environment().remove(variable.getKey());
            }
        }
        Process process = builder.redirectErrorStream(true).start();
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Thread reader = new Thread(() -> readOutput(process, port), "server output");
        reader.setDaemon(true);
        reader.start();
        try {
            return new RealServer(process, port.get(90, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException | InterruptedException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Reads to the end: a full pipe would stop the server. */
    private static void readOutput(Process process, CompletableFuture<Integer> port) {
        StringBuilder output = new StringBuilder();
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    port.complete(Integer.parseInt(ready.group(1)));
                }
                output.append(line).append('\n');
            }
            port.completeExceptionally(new IllegalStateException("the server ended before it was ready:\n" + output));
        } catch (IOException e) {
            port.completeExceptionally(new UncheckedIOException(e));
        }
    }

    String target() {
        return "localhost:" + port;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
