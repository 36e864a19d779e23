package io.scanline.cli.stream;

import io.scanline.v1.Finished;
import io.scanline.v1.Started;
import io.scanline.v1.Waiting;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far a generation is.
 *
 * @param started what the server announced; empty: not admitted yet
 * @param waiting where it was when it was last heard of, while it waits for a slot; empty: as Started says
 * @param drawn values, or codes, received of all images, given ones not counted
 * @param toDraw values, or codes, to be drawn for all images
 * @param firstValueNanos from sending the request to the arrival of its first value; empty: none has arrived
 * @param runningNanos from the arrival of Started until now, or until Finished
 * @param finished what the server says of the images; empty: not finished
 */
public record Figures(
        Optional<Started> started,
        Optional<Waiting> waiting,
        long drawn,
        long toDraw,
        OptionalLong firstValueNanos,
        long runningNanos,
        Optional<Finished> finished) {}
