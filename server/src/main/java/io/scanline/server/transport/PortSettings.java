package io.scanline.server.transport;

/**
 * Where the server listens.
 *
 * @param host address of the gRPC and the web port, e.g. "0.0.0.0"
 * @param grpc port of gRPC; 0: any free one
 * @param web port of the page, gRPC-Web and metrics; 0: any free one
 * @param admin port of the administration, on the loopback address only; 0: any free one
 * @param maxMessageBytes largest request message
 * @param gatherMillis for how long a server that is sending gathers what is decided meanwhile; 0: it sends every value at
 *     once
 */
public record PortSettings(String host, int grpc, int web, int admin, int maxMessageBytes, int gatherMillis) {
    /** A frame of most screens takes twice as long. */
    public static final int GATHER_MILLIS = 8;

    /** Gathers for as long as is usual. */
    public PortSettings(String host, int grpc, int web, int admin, int maxMessageBytes) {
        this(host, grpc, web, admin, maxMessageBytes, GATHER_MILLIS);
    }
}
