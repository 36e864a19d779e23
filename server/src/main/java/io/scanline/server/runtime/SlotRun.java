package io.scanline.server.runtime;

/** One run of a graph, as the state of its slots sees it: which slots take part, and where they are. */
final class SlotRun {
    /** The first entry that takes part. */
    final int first;
    /** Entries that take part, B, from the first one on. */
    int size;
    /** Consecutive positions of every slot, S. */
    final int span;
    /** int[B]: the slots, by their place in the run. */
    final int[] slot;
    /** int[B]: first position of the run, which is how many the slot's state holds; rows for a row graph. */
    final int[] position;
    /** long[B]: classes. */
    final long[] label;
    /** long[B,A*W]: values above those slots that begin a row. */
    final long[] above;

    SlotRun(int span, int[] slot, int[] position, long[] label, long[] above) {
        this(0, 0, span, slot, position, label, above);
    }

    private SlotRun(int first, int size, int span, int[] slot, int[] position, long[] label, long[] above) {
        this.first = first;
        this.size = size;
        this.span = span;
        this.slot = slot;
        this.position = position;
        this.label = label;
        this.above = above;
    }

    /** Some entries of it, beside each other. */
    SlotRun part(int from, int entries) {
        return new SlotRun(from, entries, span, slot, position, label, above);
    }

    /** Behind the last entry that takes part. */
    int end() {
        return first + size;
    }
}
