package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.Memory;
import io.scanline.bundle.v1.Recurrent;
import io.scanline.bundle.v1.State;
import io.scanline.server.runtime.CacheElement;
import io.scanline.server.runtime.ChunkShape;
import io.scanline.server.runtime.KeyValueShape;
import io.scanline.server.runtime.MemoryShape;
import io.scanline.server.runtime.MemoryShape.Read;
import io.scanline.server.runtime.Raster;
import io.scanline.server.runtime.RowShape;
import io.scanline.server.runtime.StateShape;
import io.scanline.server.runtime.StepShape;
import java.util.List;
import java.util.Optional;

/** Sizes of the graphs that decode, from a description that was checked. */
final class StepSizes {
    private StepSizes() {}

    /** Sizes of a step graph and its row graph. */
    static StepShape of(Bundle bundle, Graph step, Optional<Graph> row) {
        ValueGrid grid = ValueGrid.drawn(bundle);
        Raster raster = grid.raster();
        State state = step.getState();
        return new StepShape(
                bundle.getAutoregression().getContextCount(),
                grid.levels(),
                bundle.getConditioning().getClassNamesCount() > 0,
                bundle.getConditioning().getText().getWidth(),
                raster,
                new StateShape(
                        state.hasKeyValueCache() ? of(state.getKeyValueCache()) : null,
                        state.getMemoriesList().stream().map(memory -> of(memory, raster)).toList(),
                        recurrents(state)),
                row.map(StepSizes::of).orElse(null));
    }

    /** Sizes of a graph that decides several values in a run. */
    static ChunkShape ofChunk(Bundle bundle, Graph chunk) {
        ValueGrid grid = ValueGrid.drawn(bundle);
        return new ChunkShape(
                grid.values(),
                grid.levels(),
                bundle.getConditioning().getClassNamesCount() > 0,
                bundle.getConditioning().getText().getWidth(),
                of(chunk.getState().getKeyValueCache()));
    }

    /** Sizes of a cache of keys and values. */
    static KeyValueShape of(KeyValueCache cache) {
        CacheElement element = switch (cache.getElement()) {
            case ELEMENT_INT8 -> CacheElement.INT8;
            case ELEMENT_FLOAT16 -> CacheElement.FLOAT16;
            default -> CacheElement.FLOAT32;
        };
        return new KeyValueShape(
                cache.getLayers(), cache.getHeads(), cache.getHeadSize(), cache.getPositions(), element,
                cache.getWindowsList());
    }

    private static MemoryShape of(Memory memory, Raster raster) {
        List<Read> reads = memory.hasRing()
                ? memory.getRing().getLagsList().stream().map(Read::stepsBack).toList()
                : memory.getRowCache().getOffsetsList().stream()
                        .map(offset -> Read.neighbour(offset.getRows(), offset.getColumns(), raster))
                        .toList();
        return new MemoryShape(memory.getWidth(), reads);
    }

    private static RowShape of(Graph row) {
        return new RowShape(
                row.getRow().getAbove(),
                row.getRow().getFeatures(),
                row.getRow().getPreviousList(),
                recurrents(row.getState()));
    }

    private static List<List<Integer>> recurrents(State state) {
        return state.getRecurrentsList().stream().map(Recurrent::getShapeList).toList();
    }
}
