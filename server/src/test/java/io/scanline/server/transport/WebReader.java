package io.scanline.server.transport;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.scanline.v1.GenerateResponse;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A gRPC-Web call over HTTP/1.1 as a browser makes it, frame by frame. */
final class WebReader implements AutoCloseable {
    private static final int TRAILERS = 0x80;

    private final InputStream body;
    private final DataInputStream frames;
    private final HttpResponse<InputStream> response;
    private String trailers;

    WebReader(HttpClient client, int port, String method, MessageLite request, String... headers)
            throws IOException, InterruptedException {
        byte[] message = request.toByteArray();
        byte[] frame = ByteBuffer.allocate(5 + message.length)
                .put((byte) 0).putInt(message.length).put(message).array();
        HttpRequest.Builder post = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + method))
                .header("content-type", "application/grpc-web+proto")
                .header("x-grpc-web", "1")
                .POST(HttpRequest.BodyPublishers.ofByteArray(frame));
        for (int i = 0; i < headers.length; i += 2) {
            post.header(headers[i], headers[i + 1]);
        }
        response = client.send(post.build(), HttpResponse.BodyHandlers.ofInputStream());
        body = response.body();
        frames = new DataInputStream(body);
    }

    /** The next message; null: the stream ended, and {@link #trailers()} are there. */
    GenerateResponse next() throws IOException {
        return next(GenerateResponse.parser());
    }

    /** The next message of another kind; null: the stream ended. */
    <M> M next(Parser<M> parser) throws IOException {
        int flags = frames.read();
        if (flags < 0) {
            throw new EOFException("the stream has no trailers");
        }
        byte[] content = new byte[frames.readInt()];
        frames.readFully(content);
        if (flags == TRAILERS) {
            trailers = new String(content, StandardCharsets.US_ASCII);
            return null;
        }
        return parser.parseFrom(content);
    }

    /** Trailers as sent in the body. */
    String trailers() {
        return trailers;
    }

    /** A header of the response. */
    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** Goes away in the middle, as a closed tab does. */
    @Override
    public void close() throws IOException {
        body.close();
    }
}
