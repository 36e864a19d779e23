package io.scanline.server.e2e;

import static io.scanline.server.e2e.ScriptedWebServer.body;
import static io.scanline.server.e2e.ScriptedWebServer.frame;
import static io.scanline.server.e2e.ScriptedWebServer.trailers;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page's gRPC-Web module against answers that a healthy server never gives, in a real browser. */
class GrpcWebModuleIT {
    private static final String CALL = """
            const run = async (path, options, cancelAfterMs) => {
              const abort = new AbortController();
              if (cancelAfterMs !== null) {
                setTimeout(() => abort.abort(), cancelAfterMs);
              }
              const { call } = await import('/grpc-web.js');
              const messages = [];
              try {
                for await (const message of call(path, new Uint8Array([8, 1]), { ...options, signal: abort.signal })) {
                  messages.push(Array.from(message).join(' '));
                }
                return { messages };
              } catch ({ status, message, reason, violations, retryAfterMs }) {
                return { messages, status, message, reason, violations, retryAfterMs };
              }
            };
            const [path, options, cancelAfterMs, done] = arguments;
            run(path, options, cancelAfterMs).then(done);
            """;
    private static final byte[] OK = trailers("grpc-status: 0\r\n");

    private static Browser browser;
    private static ScriptedWebServer server;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start();
        server = new ScriptedWebServer();
        browser.driver().get(server.url() + "favicon.svg");
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
    void messagesComeOutWholeHoweverTheBytesAreCut(int pieceBytes) {
        byte[] answer = join(frame(0, new byte[] {1, 2, 3}), frame(0, new byte[0]), frame(0, new byte[] {4}), OK);
        server.script("/cut", body(answer, pieceBytes));
        assertThat(call("/cut")).isEqualTo(Map.of("messages", List.of("1 2 3", "", "4")));
    }

    @Test
    void requestIsOneFrameWithTheHeadersOfGrpcWeb() {
        AtomicReference<byte[]> sent = new AtomicReference<>();
        AtomicReference<Map<String, List<String>>> headers = new AtomicReference<>();
        server.script("/request", call -> {
            sent.set(call.getRequestBody().readAllBytes());
            headers.set(Map.copyOf(call.getRequestHeaders()));
            body(OK, 100).answer(call);
        });

        call("/request", Map.of("timeoutMs", 30_000), null);

        assertThat(sent.get()).isEqualTo(frame(0, new byte[] {8, 1}));
        assertThat(headers.get())
                .containsEntry("Content-type", List.of("application/grpc-web+proto"))
                .containsEntry("X-grpc-web", List.of("1"))
                .containsEntry("Grpc-timeout", List.of("30000m"));
    }

    @Test
    void statusCarriesReasonViolationsAndRetryDelay() {
        Status status = Status.newBuilder()
                .setCode(3)
                .addDetails(Any.pack(
                        ErrorInfo.newBuilder().setReason("COUNT_OUT_OF_RANGE").setDomain("scanline").build()))
                .addDetails(Any.pack(BadRequest.newBuilder()
                        .addFieldViolations(FieldViolation.newBuilder().setField("count").setDescription("zu groß"))
                        .addFieldViolations(FieldViolation.newBuilder().setField("seed"))
                        .build()))
                .addDetails(Any.pack(RetryInfo.newBuilder()
                        .setRetryDelay(Duration.newBuilder().setSeconds(2).setNanos(500_000_000)).build()))
                .build();
        String details = Base64.getEncoder().withoutPadding().encodeToString(status.toByteArray());
        byte[] end = trailers("grpc-status: 3\r\ngrpc-message: 17 images %E2%80%93 too many\r\n"
                + "grpc-status-details-bin: " + details + "\r\n");
        server.script("/refused", body(join(frame(0, new byte[] {9}), end), 11));

        assertThat(call("/refused"))
                .containsEntry("messages", List.of("9"))
                .containsEntry("status", "INVALID_ARGUMENT")
                .containsEntry("message", "17 images – too many")
                .containsEntry("reason", "COUNT_OUT_OF_RANGE")
                .containsEntry("violations", List.of(
                        Map.of("field", "count", "description", "zu groß"),
                        Map.of("field", "seed", "description", "")))
                .containsEntry("retryAfterMs", 2500L);
    }

    @Test
    void statusInTheHeadersCounts() {
        server.script("/headers", call -> {
            call.getResponseHeaders().set("content-type", "application/grpc-web+proto");
            call.getResponseHeaders().set("grpc-status", "5");
            call.getResponseHeaders().set("grpc-message", "no such model");
            call.sendResponseHeaders(200, -1);
        });
        assertThat(call("/headers")).containsEntry("status", "NOT_FOUND").containsEntry("message", "no such model");
    }

    @Test
    void streamThatEndsWithoutStatusIsUnavailable() {
        server.script("/silent", body(frame(0, new byte[] {1}), 100));
        assertThat(call("/silent")).containsEntry("messages", List.of("1")).containsEntry("status", "UNAVAILABLE");
    }

    @Test
    void streamThatEndsInsideAMessageIsUnavailable() {
        server.script("/broken", body(Arrays.copyOf(frame(0, new byte[] {1, 2, 3}), 6), 100));
        assertThat(call("/broken")).containsEntry("messages", List.of()).containsEntry("status", "UNAVAILABLE");
    }

    @Test
    void compressedMessageIsRefused() {
        server.script("/compressed", body(join(frame(1, new byte[] {1}), OK), 100));
        assertThat(call("/compressed")).containsEntry("status", "INTERNAL");
    }

    @Test
    void frameOfAbsurdLengthIsRefusedBeforeItIsCollected() {
        server.script("/huge", body(new byte[] {0, -1, -1, -1, -1, 0}, 100));
        assertThat(call("/huge")).containsEntry("status", "INTERNAL");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 503, 200})
    void answerThatIsNoGrpcIsAnError(int httpStatus) {
        server.script("/html", call -> {
            call.getResponseHeaders().set("content-type", "text/html");
            call.sendResponseHeaders(httpStatus, -1);
        });
        Map<Integer, String> expected = Map.of(404, "UNIMPLEMENTED", 503, "UNAVAILABLE", 200, "UNKNOWN");
        assertThat(call("/html")).containsEntry("status", expected.get(httpStatus));
    }

    @Test
    void serverThatIsGoneIsUnavailable() {
        assertThat(call("http://127.0.0.1:1/")).containsEntry("status", "UNAVAILABLE");
    }

    @Test
    void deadlineEndsACallThatHangs() {
        CountDownLatch end = hangAfterOneMessage("/late");
        assertThat(call("/late", Map.of("timeoutMs", 300), null))
                .containsEntry("messages", List.of("7"))
                .containsEntry("status", "DEADLINE_EXCEEDED");
        end.countDown();
    }

    @Test
    void cancelEndsACallThatHangs() {
        CountDownLatch end = hangAfterOneMessage("/cancelled");
        assertThat(call("/cancelled", Map.of(), 300))
                .containsEntry("messages", List.of("7"))
                .containsEntry("status", "CANCELLED");
        end.countDown();
    }

    private static CountDownLatch hangAfterOneMessage(String path) {
        CountDownLatch end = new CountDownLatch(1);
        server.script(path, call -> {
            call.getResponseHeaders().set("content-type", "application/grpc-web+proto");
            call.sendResponseHeaders(200, 0);
            call.getResponseBody().write(frame(0, new byte[] {7}));
            call.getResponseBody().flush();
            end.await();
        });
        return end;
    }

    private static Map<String, Object> call(String path) {
        return call(path, Map.of(), null);
    }

    @SuppressWarnings("unchecked") // what the script hands to done()
    private static Map<String, Object> call(String path, Map<String, ?> options, Integer cancelAfterMs) {
        return (Map<String, Object>) browser.driver().executeAsyncScript(CALL, path, options, cancelAfterMs);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
