package io.scanline.server.runtime;

/**
 * Sizes of a step graph, and of the row graph that it may have.
 *
 * @param context values that a step is shown, K
 * @param levels logits of a step, L
 * @param labelled whether it takes a class
 * @param condition components of what it is shown of a text, D; 0: it is shown none
 * @param raster how positions lie in an image
 * @param state what it carries from step to step
 * @param row its row graph; null for none
 */
public record StepShape(
        int context, int levels, boolean labelled, int condition, Raster raster, StateShape state, RowShape row) {
    /** Of a graph that is shown no texts. */
    public StepShape(int context, int levels, boolean labelled, Raster raster, StateShape state, RowShape row) {
        this(context, levels, labelled, 0, raster, state, row);
    }

    /** Whether one run can take several positions of a slot: only keys and values can be written ahead. */
    public boolean takesSpans() {
        return state.keyValues() != null && row == null;
    }

    /** Memories whose reads are equal to those of an earlier one share its sources: the earliest of a memory's kind. */
    int sourceOf(int memory) {
        int first = 0;
        while (!state.memories().get(first).reads().equals(state.memories().get(memory).reads())) {
            first++;
        }
        return first;
    }

    /** Values above that the row graph is shown of one slot, A * W; 0 without one. */
    int aboveSize() {
        return row == null ? 0 : row.above() * raster.columns();
    }

    /** Whether the row graph reads the previous row of a memory. */
    boolean keepsRow(int memory) {
        return row != null && row.previous().contains(memory);
    }
}
