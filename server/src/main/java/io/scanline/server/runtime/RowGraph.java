package io.scanline.server.runtime;

/** A loaded row graph. */
record RowGraph(StepSessions sessions, TensorNames names) implements AutoCloseable {
    @Override
    public void close() {
        sessions.close();
    }
}
