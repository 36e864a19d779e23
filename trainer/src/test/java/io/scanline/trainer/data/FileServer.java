package io.scanline.trainer.data;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server of one file on a loopback port, with the faults that downloads meet. */
final class FileServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<String> requests = new CopyOnWriteArrayList<>();

    volatile byte[] content;
    volatile String etag = "\"one\"";
    volatile boolean supportsRanges = true;
    volatile boolean statesLength = true;
    volatile int status = 200;
    /** Bytes after which the next answers break off; one entry is used up by each answer. */
    final List<Integer> breaks = new CopyOnWriteArrayList<>();
    /** The next answer stops sending after this many bytes and keeps the connection; 0: it does not. */
    volatile int stallAfter;

    FileServer(byte[] content) throws IOException {
        this.content = content;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(threads);
        server.start();
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/file.gz");
    }

    /** Range and If-Range of every request so far, e.g. "bytes=100- "one"", or "whole". */
    List<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        String ifRange = exchange.getRequestHeaders().getFirst("If-Range");
        requests.add(range == null ? "whole" : ifRange == null ? range : range + " " + ifRange);
        if (status != 200) {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
            return;
        }
        exchange.getResponseHeaders().add("ETag", etag);
        byte[] whole = content;
        int from = 0;
        if (range != null && supportsRanges && (ifRange == null || ifRange.equals(etag))) {
            from = Integer.parseInt(range.replaceAll("\\D", ""));
            if (from >= whole.length) {
                exchange.sendResponseHeaders(416, -1);
                exchange.close();
                return;
            }
            exchange.getResponseHeaders().add(
                    "Content-Range", "bytes " + from + "-" + (whole.length - 1) + "/" + whole.length);
        }
        byte[] body = Arrays.copyOfRange(whole, from, whole.length);
        boolean partial = exchange.getResponseHeaders().containsKey("Content-Range");
        exchange.sendResponseHeaders(partial ? 206 : 200, statesLength ? body.length : 0);
        send(exchange, body);
    }

    private void send(HttpExchange exchange, byte[] body) throws IOException {
        try (OutputStream out = exchange.getResponseBody()) {
            if (stallAfter > 0) {
                out.write(body, 0, stallAfter);
                out.flush();
                stallAfter = 0;
                closing.await();
            } else if (breaks.isEmpty()) {
                out.write(body);
            } else {
                out.write(body, 0, Math.min(body.length, breaks.remove(0)));
                out.flush();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            exchange.close();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
