package io.scanline.server.transport;

import io.scanline.v1.GenerateResponse;

/** Messages of one kind that an image owes its reader. Used by one drain at a time. */
interface Owed {
    /** The interval has passed. */
    void tick();

    /** The next message that may be sent now; null: none. */
    GenerateResponse next(Sequences sequences);

    /** Values, or codes, that were sent; 0 of pictures. */
    default int sent() {
        return 0;
    }

    /** Whether all was sent without which the image must not be called finished. */
    boolean delivered();
}
