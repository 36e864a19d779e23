package io.scanline.server.engine;

/** Memory, a thread or something else that was taken and is given back, which cannot fail. */
interface Releasable extends AutoCloseable {
    @Override
    void close();
}
