package io.scanline.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.scanline.server.engine.TinyBundle;
import io.scanline.v1.ClassLabel;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.GenerationServiceGrpc;
import io.scanline.v1.ModelSelector;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server as a process of its own. */
@Timeout(120)
class ServeProcessTest {
    private static final Pattern READY = Pattern.compile("ready grpc=(\\d+) web=(\\d+) admin=(\\d+) models=(\\d+)");
    private static final int REQUESTS = 4;

    @TempDir
    Path directory;

    @Test
    void sigtermFinishesTheStreamsAtHandAndExitsWithZero() throws Exception {
        Path log = directory.resolve("log");
        ProcessBuilder server = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), Main.class.getName(), "serve",
                "--models", TinyBundle.repository().toString(), "--host", "127.0.0.1",
                "--port", "0", "--web-port", "0", "--admin-port", "0", "--slots", "1",
                "--max-queue-per-client", "64", "--client-weights", "127.0.0.1=2,team:a=1");
        server.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = server.redirectError(log.toFile()).start();
        try (BufferedReader out = new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            Matcher ready = READY.matcher(out.readLine());
            assertThat(ready.matches()).isTrue();
            assertThat(Integer.parseInt(ready.group(4))).isEqualTo(TinyBundle.names().size());
            ManagedChannel channel = NettyChannelBuilder
                    .forAddress("127.0.0.1", Integer.parseInt(ready.group(1))).usePlaintext().build();
            CountDownLatch started = new CountDownLatch(REQUESTS);
            List<CompletableFuture<Status>> ends = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                ends.add(generate(channel, started));
            }
            assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();

            process.destroy(); // SIGTERM

            for (CompletableFuture<Status> end : ends) {
                assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo(Status.OK);
            }
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            channel.shutdownNow();
        } finally {
            process.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(log);
        assertThat(lines).allMatch(line -> line.startsWith("{\"@timestamp\""));
        assertThat(lines).filteredOn(line -> line.contains("\"outcome\":\"COMPLETE\"")).hasSize(REQUESTS)
                .allMatch(line -> line.contains("\"model\":\"tiny/1\"") && line.contains("\"count\":16"));
    }

    private static CompletableFuture<Status> generate(ManagedChannel channel, CountDownLatch started) {
        CompletableFuture<Status> end = new CompletableFuture<>();
        GenerateRequest request = GenerateRequest.newBuilder()
                .setModel(ModelSelector.newBuilder().setName(TinyBundle.NAME))
                .setLabel(ClassLabel.newBuilder().setIndex(0))
                .setCount(16)
                .build();
        GenerationServiceGrpc.newStub(channel).generate(request, new StreamObserver<>() {
            @Override
            public void onNext(GenerateResponse message) {
                if (message.hasStarted()) {
                    started.countDown();
                }
            }

            @Override
            public void onError(Throwable failure) {
                end.complete(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                end.complete(Status.OK);
            }
        });
        return end;
    }
}
