package io.scanline.server.engine;

import java.util.Optional;

/** An admitted interpolation. Only a few frames are decoded ahead of its reader, who takes them one by one. */
public interface Interpolation extends Admitted {
    /**
     * One frame.
     *
     * @param index counts from 0
     * @param position where it lies on the path, 0 to 1
     * @param values all values, one byte each in raster order
     */
    record Frame(int index, float position, byte[] values) {}

    /** The next frame, if it is there. Taking it makes room for another one to be decoded. */
    Optional<Frame> poll();

    /** Whether every frame was taken. */
    boolean delivered();
}
