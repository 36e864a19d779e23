package io.scanline.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * One request that brings the missing bytes of a file.
 *
 * <p>A part is continued with a Range request. When the same address gave a strong validator with the earlier bytes,
 * If-Range makes the server send the whole file if it has changed (RFC 9110, 13.1.5: a weak validator must not be used
 * there). Without one, the pinned digest is the judge in the end.
 */
final class RangeTransfer {
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);

    private final HttpClient client;
    private final URI address;
    private final Duration stallLimit;
    private final LongConsumer received;

    /**
     * A transfer from one address.
     *
     * @param stallLimit longest time without a byte before the connection is given up
     * @param received told how many bytes of the file are present
     */
    RangeTransfer(HttpClient client, URI address, Duration stallLimit, LongConsumer received) {
        this.client = client;
        this.address = address;
        this.stallLimit = stallLimit;
        this.received = received;
    }

    /** The server does not have the file: trying again does not help. */
    static final class Refused extends IOException {
        Refused(String message) {
            super(message);
        }
    }

    /**
     * Appends the missing bytes to the part.
     *
     * @throws Refused when the server has no such file or another one
     * @throws IOException when the connection broke; the bytes that came are kept
     */
    void run(PartialFile part) throws IOException, InterruptedException {
        long present = part.size();
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(ANSWER_TIMEOUT)
                // Bytes of a compressed transfer could not be counted or continued.
                .header("Accept-Encoding", "identity");
        if (present > 0) {
            request.header("Range", "bytes=" + present + "-");
            part.validatorOf(address).ifPresent(validator -> request.header("If-Range", validator));
        }
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            switch (response.statusCode()) {
                case 200 -> {
                    part.restart(address, strongValidator(response.headers()));
                    copy(body, part, 0);
                }
                case 206 -> {
                    String range = response.headers().firstValue("Content-Range").orElse("none");
                    if (!range.startsWith("bytes " + present + "-")) {
                        throw new Refused("asked for bytes from " + present + ", the server sent range " + range);
                    }
                    copy(body, part, present);
                }
                case 416 -> {
                    part.discard();
                    throw new IOException("the server's file ends before byte " + present);
                }
                case 408, 429, 500, 502, 503, 504 -> throw new IOException("status " + response.statusCode());
                default -> throw new Refused("status " + response.statusCode());
            }
        }
    }

    private void copy(InputStream body, PartialFile part, long present) throws IOException {
        long bytes = present;
        byte[] buffer = new byte[1 << 16];
        try (OutputStream out = part.append();
                StallGuard guard = new StallGuard(body, stallLimit)) {
            for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
                guard.arrived();
                bytes += read;
                if (bytes > part.limit()) {
                    break;
                }
                out.write(buffer, 0, read);
                received.accept(bytes);
            }
        }
        if (bytes > part.limit()) {
            part.discard();
            throw new Refused(
                    "the server sends more than the expected " + part.limit() + " bytes; the file was removed");
        }
        if (bytes < part.limit()) {
            throw new IOException("the server sent " + bytes + " of " + part.limit() + " bytes");
        }
    }

    private static Optional<String> strongValidator(HttpHeaders headers) {
        return headers.firstValue("ETag")
                .filter(tag -> !tag.startsWith("W/"))
                .or(() -> headers.firstValue("Last-Modified"));
    }
}
