package io.scanline.server.engine;

import static io.scanline.server.engine.BundleDescription.require;
import static io.scanline.server.engine.BundleDescription.requireRange;

import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Offset;
import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.State;
import java.util.List;
import java.util.Set;

/** Checks the state that a graph carries from step to step, as bundle.proto describes it. */
final class StateDescription {
    private static final Set<Element> ELEMENTS =
            Set.of(Element.ELEMENT_UNSPECIFIED, Element.ELEMENT_INT8, Element.ELEMENT_FLOAT16);
    private static final int MAX_LAYERS = 256;
    private static final int MAX_TENSORS = 256;
    private static final int MAX_READS = 256;
    private static final int MAX_WIDTH = 65536;
    private static final int MAX_DIMENSIONS = 7;
    private static final long MAX_NUMBERS = 1 << 24;

    private StateDescription() {}

    /**
     * Checks the state of a step graph.
     *
     * @param steps values of an image
     * @param previous memories that the row graph reads, by index
     */
    static void check(State state, int steps, Set<Integer> previous) throws EngineException {
        if (state.hasKeyValueCache()) {
            require(
                    state.getMemoriesCount() == 0 && state.getRecurrentsCount() == 0,
                    "the state of the step graph has a keyValueCache beside memories or recurrents; it can be either");
            check(state.getKeyValueCache(), steps);
        }
        requireRange("the length of state.memories", state.getMemoriesCount(), 0, MAX_TENSORS);
        for (int m = 0; m < state.getMemoriesCount(); m++) {
            check(state.getMemories(m), "state.memories[" + m + "]", steps, previous.contains(m));
        }
        checkRecurrents(state.getRecurrentsList());
    }

    private static void check(KeyValueCache cache, int steps) throws EngineException {
        requireRange("keyValueCache.layers", cache.getLayers(), 1, MAX_LAYERS);
        requireRange("keyValueCache.heads", cache.getHeads(), 1, Short.MAX_VALUE);
        requireRange("keyValueCache.headSize", cache.getHeadSize(), 1, Short.MAX_VALUE);
        requireRange("keyValueCache.positions", cache.getPositions(), steps, Integer.MAX_VALUE);
        require(
                ELEMENTS.contains(cache.getElement()),
                "keyValueCache.element is %s; it is ELEMENT_INT8, ELEMENT_FLOAT16 or not stated", cache.getElement());
        require(
                cache.getWindowsCount() == 0 || cache.getWindowsCount() == cache.getLayers(),
                "keyValueCache.windows has %d entries for %d layers; it has one for every layer, or none",
                cache.getWindowsCount(), cache.getLayers());
        for (int window : cache.getWindowsList()) {
            requireRange("an entry of keyValueCache.windows", window, 0, Integer.MAX_VALUE);
        }
    }

    private static void check(Memory memory, String name, int steps, boolean readByRow) throws EngineException {
        requireRange(name + ".width", memory.getWidth(), 1, MAX_WIDTH);
        int reads;
        if (memory.hasRing()) {
            reads = memory.getRing().getLagsCount();
            for (int lag : memory.getRing().getLagsList()) {
                requireRange("a lag of " + name + ".ring", lag, 1, steps);
            }
        } else {
            require(memory.hasRowCache(), "%s has neither a ring nor a rowCache: nothing says what steps read", name);
            reads = memory.getRowCache().getOffsetsCount();
            for (Offset offset : memory.getRowCache().getOffsetsList()) {
                BundleDescription.checkOffset("offset of " + name + ".rowCache", offset);
            }
        }
        requireRange("the number of reads of " + name, reads, 0, MAX_READS);
        require(reads > 0 || readByRow, "nothing reads %s: no step does, and row.previous does not name it", name);
    }

    /** Checks recurrent tensors. */
    static void checkRecurrents(List<Recurrent> recurrents) throws EngineException {
        requireRange("the length of state.recurrents", recurrents.size(), 0, MAX_TENSORS);
        for (int r = 0; r < recurrents.size(); r++) {
            String name = "state.recurrents[" + r + "].shape";
            requireRange("the length of " + name, recurrents.get(r).getShapeCount(), 0, MAX_DIMENSIONS);
            long numbers = 1;
            for (int dimension : recurrents.get(r).getShapeList()) {
                requireRange("a dimension of " + name, dimension, 1, MAX_WIDTH);
                numbers *= dimension;
                require(numbers <= MAX_NUMBERS, "%s has more than %d numbers a slot", name, MAX_NUMBERS);
            }
        }
    }
}
