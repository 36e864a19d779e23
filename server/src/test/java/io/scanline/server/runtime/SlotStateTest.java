package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import io.scanline.server.runtime.MemoryShape.Read;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What runs read of memories and recurrent tensors, against a plain look at all that an image ever wrote. */
class SlotStateTest {
    private static final int SLOTS = 3;
    private static final int WIDTH = 3;
    private static final int RUNS = 150;
    private static final float[] ZEROS = new float[WIDTH];

    /** What the images in the slots wrote so far, by slot and position. */
    private final List<List<float[]>> images = new ArrayList<>();

    /** Looks at what a run was handed. */
    private interface Check {
        void look(SlotRun run, FloatBuffer read) throws Exception;
    }

    private static TensorNames names(String input, String output) throws GraphException {
        GraphSignature signature = new GraphSignature(
                List.of(new TensorSpec(input, OnnxJavaType.FLOAT)), List.of(new TensorSpec(output, OnnxJavaType.FLOAT)));
        return new TensorNames(Map.of(input, input, output, output), signature);
    }

    private static StepShape shape(Raster raster, MemoryShape memory, RowShape row) {
        return new StepShape(1, 2, false, raster, new StateShape(null, List.of(memory), List.of()), row);
    }

    private static FloatBuffer buffer(Map<String, OnnxTensor> tensors, String name) {
        return (FloatBuffer) tensors.get(name).getBufferRef().orElseThrow();
    }

    /** Images come, take steps and go, complete or not, as in a decode lane; the last one moves into the gap. */
    private void play(SlotState state, String input, String output, int steps, Random random, Check check)
            throws Exception {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        Map<String, OnnxTensor> outputs = new HashMap<>();
        state.bind(0, SLOTS, inputs, outputs);
        SlotRun run = new SlotRun(1, new int[] {0, 1, 2}, new int[SLOTS], new long[SLOTS], new long[0]);
        for (int t = 0; t < RUNS; t++) {
            if (images.size() < SLOTS && random.nextInt(4) == 0) {
                images.add(new ArrayList<>());
            }
            run.size = images.size();
            for (int slot = 0; slot < run.size; slot++) {
                run.position[slot] = images.get(slot).size();
            }
            List<SlotRun> parts = parts(state, run, random);
            for (SlotRun part : parts) {
                state.beforeRun(part);
            }
            check.look(run, buffer(inputs, input));
            for (int slot = 0; slot < run.size; slot++) {
                float[] vector = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
                buffer(outputs, output).put(slot * WIDTH, vector);
                images.get(slot).add(vector);
            }
            parts.forEach(state::afterRun);
            for (int slot = run.size - 1; slot >= 0; slot--) {
                if (images.get(slot).size() == steps || random.nextInt(30) == 0) {
                    leave(state, slot);
                }
            }
        }
    }

    /** A run, or two of some of its slots each, where the state takes those. */
    private static List<SlotRun> parts(SlotState state, SlotRun run, Random random) {
        int first = state.divides() ? random.nextInt(run.size + 1) : 0;
        return List.of(run.part(0, first), run.part(first, run.size - first));
    }

    private void leave(SlotState state, int slot) {
        List<float[]> last = images.remove(images.size() - 1);
        if (slot < images.size()) {
            state.move(images.size(), slot, last.size());
            images.set(slot, last);
        }
    }

    private static float[] vector(FloatBuffer buffer, int index) {
        float[] vector = new float[WIDTH];
        buffer.get(index * WIDTH, vector);
        return vector;
    }

    @Property(tries = 100)
    void ringIsReadSoManyStepsBackAndZerosBeforeTheImage(@ForAll Random random) throws Exception {
        Raster raster = new Raster(1 + random.nextInt(5), random.nextBoolean() ? 1 : 3);
        int steps = raster.columns() * raster.channels() * (1 + random.nextInt(4));
        List<Integer> lags =
                random.ints(1 + random.nextInt(4), 1, steps + 1).boxed().toList();
        MemoryShape memory = new MemoryShape(WIDTH, lags.stream().map(Read::stepsBack).toList());
        images.clear();
        try (VectorMemory state = new VectorMemory(
                OnnxEnvironment.get(), shape(raster, memory, null), names("read.0", "write.0"), 0, SLOTS)) {
            play(state, "read.0", "write.0", steps, random, (run, read) -> {
                for (int slot = 0; slot < run.size; slot++) {
                    for (int r = 0; r < lags.size(); r++) {
                        int at = run.position[slot] - lags.get(r);
                        assertThat(vector(read, slot * lags.size() + r))
                                .isEqualTo(at < 0 ? ZEROS : images.get(slot).get(at));
                    }
                }
            });
        }
    }

    @Property(tries = 100)
    void rowCacheIsReadByPlaceAndZerosOutsideTheImage(@ForAll Random random) throws Exception {
        Raster raster = new Raster(1 + random.nextInt(5), random.nextBoolean() ? 1 : 3);
        int height = 1 + random.nextInt(4);
        List<int[]> offsets = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int rows = -random.nextInt(3);
            offsets.add(new int[] {rows, rows == 0 ? -1 - random.nextInt(3) : random.nextInt(15) - 7});
        }
        MemoryShape memory = new MemoryShape(
                WIDTH,
                offsets.stream().map(offset -> Read.neighbour(offset[0], offset[1], raster)).toList());
        images.clear();
        try (VectorMemory state = new VectorMemory(
                OnnxEnvironment.get(), shape(raster, memory, null), names("read.0", "write.0"), 0, SLOTS)) {
            int steps = raster.columns() * raster.channels() * height;
            play(state, "read.0", "write.0", steps, random, (run, read) -> {
                for (int slot = 0; slot < run.size; slot++) {
                    for (int r = 0; r < offsets.size(); r++) {
                        assertThat(vector(read, slot * offsets.size() + r))
                                .isEqualTo(neighbour(raster, slot, run.position[slot], offsets.get(r)));
                    }
                }
            });
        }
    }

    private float[] neighbour(Raster raster, int slot, int position, int[] offset) {
        int pixel = position / raster.channels();
        int row = pixel / raster.columns() + offset[0];
        int column = pixel % raster.columns() + offset[1];
        if (row < 0 || column < 0 || column >= raster.columns()) {
            return ZEROS;
        }
        return images.get(slot)
                .get((row * raster.columns() + column) * raster.channels() + position % raster.channels());
    }

    @Property(tries = 100)
    void rowBeforeIsWholeWhenARowBegins(@ForAll Random random) throws Exception {
        Raster raster = new Raster(1 + random.nextInt(5), 1);
        MemoryShape memory = new MemoryShape(WIDTH, List.of(Read.stepsBack(1)));
        RowShape row = new RowShape(0, 1, List.of(0), List.of());
        FloatBuffer before = Tensors.floats((long) raster.columns() * WIDTH);
        images.clear();
        try (VectorMemory state = new VectorMemory(
                OnnxEnvironment.get(), shape(raster, memory, row), names("read.0", "write.0"), 0, SLOTS)) {
            play(state, "read.0", "write.0", 4 * raster.columns(), random, (run, read) -> {
                for (int slot = 0; slot < run.size; slot++) {
                    int position = run.position[slot];
                    if (!raster.beginsRow(position)) {
                        continue;
                    }
                    state.copyRowBefore(slot, raster.row(position), before, 0);
                    for (int column = 0; column < raster.columns(); column++) {
                        int above = position - raster.columns() + column;
                        assertThat(vector(before, column)).isEqualTo(above < 0 ? ZEROS : images.get(slot).get(above));
                    }
                }
            });
        }
    }

    @Property(tries = 100)
    void recurrentTensorIsWhatTheRunBeforeLeftAndZerosAtFirst(@ForAll Random random) throws Exception {
        images.clear();
        try (RecurrentState state = new RecurrentState(
                OnnxEnvironment.get(), List.of(WIDTH), names("past.0", "present.0"), 0, SLOTS)) {
            play(state, "past.0", "present.0", 9, random, (run, past) -> {
                for (int slot = 0; slot < run.size; slot++) {
                    int position = run.position[slot];
                    assertThat(vector(past, slot))
                            .isEqualTo(position == 0 ? ZEROS : images.get(slot).get(position - 1));
                }
            });
        }
    }

    @Example
    void memoryTakesAsManyVectorsAsTheFarthestReadLiesBack() throws Exception {
        Raster raster = new Raster(28, 1);
        OrtEnvironment environment = OnnxEnvironment.get();
        Map<MemoryShape, Integer> kept = Map.of(
                new MemoryShape(WIDTH, List.of(Read.stepsBack(1), Read.stepsBack(64))), 64,
                new MemoryShape(WIDTH, List.of(Read.neighbour(-1, -1, raster), Read.neighbour(0, -1, raster))), 29,
                new MemoryShape(WIDTH, List.of(Read.neighbour(-2, 3, raster), Read.neighbour(-64, 28, raster))), 53);
        for (Map.Entry<MemoryShape, Integer> entry : kept.entrySet()) {
            StepShape shape = shape(raster, entry.getKey(), null);
            try (VectorMemory state = new VectorMemory(environment, shape, names("read.0", "write.0"), 0, SLOTS)) {
                assertThat(state.slotBytes()).isEqualTo(4L * WIDTH * entry.getValue());
            }
        }
    }
}
