package io.scanline.cli;

import io.grpc.ManagedChannel;
import java.util.concurrent.TimeUnit;

/** A channel that is closed at the end of a command. */
record Connection(ManagedChannel channel) implements AutoCloseable {
    /** Ends all calls and waits until the server has been told, but not long: it may be gone. */
    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
