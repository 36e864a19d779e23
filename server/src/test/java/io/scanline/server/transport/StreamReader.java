package io.scanline.server.transport;

import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;

/** The client's side of one Generate call. */
final class StreamReader extends EventReader<GenerateRequest, GenerateResponse> {
    private StreamReader(boolean onlyWhenTold) {
        super(onlyWhenTold, message -> message);
    }

    static StreamReader eager() {
        return new StreamReader(false);
    }

    static StreamReader onlyWhenTold() {
        return new StreamReader(true);
    }
}
