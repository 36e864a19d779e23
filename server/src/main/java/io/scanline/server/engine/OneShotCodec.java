package io.scanline.server.engine;

import io.scanline.server.runtime.BatchProgram;

/** The graphs of a one-shot lane. To be used by one thread at a time. */
interface OneShotCodec {
    /** The graph of a stage that the lane's tasks have. */
    BatchProgram program(OneShotTask.Stage stage);
}
