package io.scanline.server.runtime;

import java.util.List;

/**
 * How a tensor looks in a graph, when not as the contract says: see TensorForm in bundle.proto.
 *
 * @param axis whether its first axis counts the items
 * @param channelsLast rows, columns, channels instead of channels, rows, columns
 * @param element type of its numbers
 * @param shape of one item, when another than the contract's; else empty
 * @param mean one for all or one for each of the first axis in the contract; empty: numbers are what they are
 * @param deviation as many as mean; the number in the graph is (x - mean) / deviation
 * @param finish what is still to be done with an answer
 */
public record GraphForm(
        BatchAxis axis, boolean channelsLast, Element element, List<Integer> shape, List<Float> mean,
        List<Float> deviation, Finish finish) {
    /** As the contract says. */
    public static final GraphForm PLAIN = new GraphForm(
            BatchAxis.ANY, false, Element.OWN, List.of(), List.of(), List.of(), Finish.NOTHING);

    /** Whether the first axis counts the items. */
    public enum BatchAxis {
        /** Any number of them. */
        ANY,
        /** Always one. */
        ONE,
        /** There is no such axis. */
        NONE
    }

    /** Type of the numbers in the graph. */
    public enum Element {
        /** The contract's: float32 or int64. */
        OWN,
        /** Intensities from 0 to 255. */
        UINT8,
        /** Instead of int64. */
        INT32
    }

    /** What is still to be done with an answer. */
    public enum Finish {
        /** Nothing. */
        NOTHING,
        /** Divide every item by its length. */
        LENGTH_ONE,
        /** Take logarithms. */
        LOGARITHM
    }

    /** Whether the numbers are those of the contract, in the contract's order. */
    boolean isPlain() {
        return !channelsLast && element == Element.OWN && mean.isEmpty() && finish == Finish.NOTHING;
    }
}
