package io.scanline.server.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openqa.selenium.support.ui.FluentWait;

/** The server as an operator runs it: the packaged jar in a process of its own, on free ports. Closing it ends it. */
public final class ServerProcess implements AutoCloseable {
    /** The bundles that the repository ships. */
    public static final Path SHIPPED_MODELS = Path.of("..", "deploy", "models").toAbsolutePath().normalize();

    private static final Path JAR = Path.of("target", "scanline-server.jar").toAbsolutePath();
    private static final Pattern READY = Pattern.compile("ready grpc=(\\d+) web=(\\d+) admin=(\\d+) models=(\\d+)");
    private static final Duration START_LIMIT = Duration.ofSeconds(120);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Process process;
    private final Path log;
    private final int[] ready;

    private ServerProcess(Process process, Path log, int[] ready) {
        this.process = process;
        this.log = log;
        this.ready = ready;
    }

    /**
     * Starts {@code serve} and waits until it can answer.
     *
     * @param models model repository
     * @param flags more flags of {@code serve}
     * @throws AssertionError when the server does not say that it is ready; the message ends with its log
     */
    public static ServerProcess start(Path models, String... flags) throws IOException, InterruptedException {
        if (!Files.isRegularFile(JAR)) {
            throw new AssertionError(JAR + " is missing: mvn verify packages it before the integration tests");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", JAR.toString(), "serve",
                "--models", models.toString(), "--port", "0", "--web-port", "0", "--admin-port", "0"));
        command.addAll(List.of(flags));
        Path log = Files.createTempFile(Files.createDirectories(Path.of("target", "e2e")), "server-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("SCANLINE_"));
        Process process = builder.start();
        try {
            return new ServerProcess(process, log, awaitReady(process, log));
        } catch (AssertionError | InterruptedException failure) {
            process.destroyForcibly();
            throw failure;
        }
    }

    /** Port of grpc-netty. */
    public int grpcPort() {
        return ready[0];
    }

    /** Port of the page and of gRPC-Web. */
    public int webPort() {
        return ready[1];
    }

    /** Port of channelz, on the loopback address. */
    public int adminPort() {
        return ready[2];
    }

    /** Number of models that serve, as the ready line gives it. */
    public int models() {
        return ready[3];
    }

    /** Waits until nothing is drawn. */
    void awaitNoActiveSlots(Duration limit) {
        // Not by an upgrade to HTTP/2, in which the JDK's client was seen to take text of the metrics for a frame.
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + webPort() + "/metrics")).build();
        new FluentWait<>(client)
                .withTimeout(limit)
                .pollingEvery(POLL)
                .withMessage("slots are still active")
                .until(http -> activeSlots(http, request) == 0);
    }

    private static double activeSlots(HttpClient client, HttpRequest request) {
        String metrics = client.sendAsync(request, BodyHandlers.ofString()).join().body();
        List<String> gauges = metrics.lines().filter(line -> line.startsWith("scanline_slots_active{")).toList();
        if (gauges.isEmpty()) {
            throw new AssertionError("no gauges of active slots in /metrics");
        }
        return gauges.stream().mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))).sum();
    }

    /** The process, for tests that mistreat it. */
    public Process process() {
        return process;
    }

    /** What the server wrote to its standard error so far. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    /**
     * Sends SIGTERM and waits for the end.
     *
     * @return the exit code
     */
    public int stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("The server still ran " + STOP_LIMIT.toSeconds() + " s after SIGTERM\n" + log());
        }
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException, IOException {
        if (process.isAlive()) {
            stop();
        }
    }

    private static int[] awaitReady(Process process, Path log) throws InterruptedException, IOException {
        CompletableFuture<int[]> ready = new CompletableFuture<>();
        // Reads on after the ready line, so that the server can never block on a full pipe.
        Thread reader = new Thread(() -> readOutput(process, ready), "server-output");
        reader.setDaemon(true);
        reader.start();
        try {
            return ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(
                    "The server did not get ready: " + e.getMessage() + "\n" + Files.readString(log), e);
        }
    }

    private static void readOutput(Process process, CompletableFuture<int[]> ready) {
        StringBuilder before = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher matcher = READY.matcher(line);
                if (matcher.matches()) {
                    ready.complete(new int[] {
                        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)), Integer.parseInt(matcher.group(4))
                    });
                } else if (!ready.isDone()) {
                    before.append(line).append('\n');
                }
            }
            ready.completeExceptionally(new IOException("its output ended after: " + before));
        } catch (IOException e) {
            ready.completeExceptionally(new UncheckedIOException(e));
        }
    }
}
