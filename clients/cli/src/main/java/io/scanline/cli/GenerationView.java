package io.scanline.cli;

import io.scanline.v1.GenerateResponse;
import java.io.IOException;

/** Shows a generation to the user. Closing it before it is finished leaves the terminal as a shell expects it. */
interface GenerationView extends AutoCloseable {
    /** Told of every event as it arrives, before it is checked. */
    void received(GenerateResponse event) throws IOException;

    /** Told once, if the server holds the generation when nobody reads it: how it is called. */
    default void held(String id) {}

    /** Told once, after all images have arrived and are what the server made. */
    void finished();

    /** Shows no more; any thread may call it, and more than once. */
    @Override
    void close();
}
