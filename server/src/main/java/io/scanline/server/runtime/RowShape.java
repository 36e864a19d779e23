package io.scanline.server.runtime;

import java.util.List;

/**
 * Sizes of a row graph, which is run once for every row of an image before the row's first step.
 *
 * @param above rows of values above that it is shown, A
 * @param features floats that it tells about every position, F
 * @param previous memories of the step graph whose previous row it reads, by index
 * @param recurrents shapes, for one slot, of its own recurrent tensors
 */
public record RowShape(int above, int features, List<Integer> previous, List<List<Integer>> recurrents) {}
