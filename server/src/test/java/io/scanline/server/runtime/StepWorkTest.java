package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a step must at least move and compute, by hand. */
class StepWorkTest {
    private static final GraphFile HUNDRED_WEIGHTS = new GraphFile("step.onnx", new byte[400], Map.of());

    private static StepSource source(StateShape state) {
        return new StepSource(HUNDRED_WEIGHTS, null, new StepShape(2, 4, false, new Raster(8, 1), state, null));
    }

    @Test
    void weightsAreReadOnceAndUsedByEverySlot() {
        StepWork work = StepWork.of(source(new StateShape(null, List.of(), List.of())), 3, 5);
        assertThat(work).isEqualTo(new StepWork(400, 2 * 3 * 100));
    }

    @Test
    void keysAndValuesUpToThePositionAreReadAndUsed() {
        // Keys and values of 2 layers, 3 heads of 4 floats and 6 positions: 288 floats a slot.
        StateShape state = new StateShape(new KeyValueShape(2, 3, 4, 64), List.of(), List.of());
        assertThat(StepWork.of(source(state), 3, 5))
                .isEqualTo(new StepWork(400 + 3 * 288 * 4, 2 * 3 * (100 + 288)));
        StateShape bytes = new StateShape(
                new KeyValueShape(2, 3, 4, 64, CacheElement.INT8), List.of(), List.of());
        assertThat(StepWork.of(source(bytes), 3, 5)).isEqualTo(new StepWork(400 + 3 * 288, 2 * 3 * (100 + 288)));
        // The cache holds no more than 64 positions.
        assertThat(StepWork.of(source(state), 1, 1000)).isEqualTo(StepWork.of(source(state), 1, 63));
    }

    @Test
    void memoriesAreReadAndRecurrentTensorsReadAndWritten() {
        MemoryShape memory = new MemoryShape(
                5, List.of(MemoryShape.Read.stepsBack(1), MemoryShape.Read.stepsBack(2)));
        StateShape state = new StateShape(null, List.of(memory), List.of(List.of(2, 7)));
        assertThat(StepWork.of(source(state), 2, 5).bytes()).isEqualTo(400 + 2 * (5 * 2 * 4 + 2 * 14 * 4));
    }
}
