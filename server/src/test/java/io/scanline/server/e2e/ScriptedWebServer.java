package io.scanline.server.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Serves the page's modules, and answers calls with bytes that a test dictates, right or wrong. */
final class ScriptedWebServer implements AutoCloseable {
    /** Answers one call. */
    interface Script {
        void answer(HttpExchange call) throws IOException, InterruptedException;
    }

    private static final Map<String, String> TYPES =
            Map.of("html", "text/html", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    ScriptedWebServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    /** Answers calls of the path from now on. */
    void script(String path, Script script) {
        scripts.put(path, script);
    }

    /** A script that sends this body as gRPC-Web, in pieces of so many bytes. */
    static Script body(byte[] body, int pieceBytes) {
        return call -> {
            call.getResponseHeaders().set("content-type", "application/grpc-web+proto");
            call.sendResponseHeaders(200, 0);
            try (OutputStream out = call.getResponseBody()) {
                for (int at = 0; at < body.length; at += pieceBytes) {
                    out.write(body, at, Math.min(pieceBytes, body.length - at));
                    out.flush();
                }
            }
        };
    }

    /** A frame of gRPC-Web. */
    static byte[] frame(int flag, byte[] payload) {
        return ByteBuffer.allocate(5 + payload.length).put((byte) flag).putInt(payload.length).put(payload).array();
    }

    /** The frame that ends a call. */
    static byte[] trailers(String lines) {
        return frame(0x80, lines.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        try (exchange) {
            Script script = scripts.get(path);
            if (script == null) {
                serveFile(exchange, path);
            } else {
                script.answer(exchange);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void serveFile(HttpExchange exchange, String path) throws IOException {
        String resource = path.startsWith("/_static/") ? "META-INF/resources" + path : "web" + path;
        try (InputStream file = ScriptedWebServer.class.getClassLoader().getResourceAsStream(resource)) {
            if (file == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] bytes = file.readAllBytes();
            String extension = path.substring(path.lastIndexOf('.') + 1);
            String type = TYPES.getOrDefault(extension, "application/octet-stream");
            exchange.getResponseHeaders().set("content-type", type);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
