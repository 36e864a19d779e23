package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.contract.CausalContext;
import io.scanline.server.engine.TinyBundle;
import io.scanline.server.engine.VerifiedBundle;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the engine builds on: causality, a cache that changes nothing, slots that do not see each other. */
class StepGraphTest {
    private static StepGraph graph;
    private static CausalContext context;
    private static int steps;
    private static int levels;

    @BeforeAll
    static void load() throws Exception {
        VerifiedBundle tiny = TinyBundle.verified();
        graph = StepGraph.load(tiny.stepSource(), 1);
        context = new CausalContext(tiny.bundle().getGeometry(), tiny.bundle().getAutoregression());
        steps = tiny.bundle().getAutoregression().getSteps();
        levels = tiny.bundle().getGeometry().getLevels();
    }

    @AfterAll
    static void close() {
        graph.close();
    }

    private static byte[] image(int seed) {
        Random random = new Random(seed);
        byte[] values = new byte[steps];
        for (int i = 0; i < steps; i++) {
            values[i] = (byte) random.nextInt(levels);
        }
        return values;
    }

    private static void show(StepProgram program, int row, byte[] values, int position) {
        context.gather(values, position, program.context(), row * context.size());
        program.position()[row] = position;
    }

    /** Logits of all positions in one run from an empty cache: float[steps, levels]. */
    private static float[] whole(byte[] values) throws GraphException {
        try (StepState state = graph.newState(1); StepProgram program = graph.newProgram(state, steps)) {
            for (int i = 0; i < steps; i++) {
                show(program, i, values, i);
            }
            program.run(1);
            return program.logits().clone();
        }
    }

    /** Logits of all positions one after another, as a slot of a batch of {@code slots} equal images. */
    private static float[] stepByStep(byte[] values, int slots) throws GraphException {
        float[] logits = new float[steps * levels];
        try (StepState state = graph.newState(slots); StepProgram program = graph.newProgram(state, 1)) {
            for (int i = 0; i < steps; i++) {
                for (int slot = 0; slot < slots; slot++) {
                    show(program, slot, values, i);
                    program.cached()[slot] = i;
                }
                program.run(slots);
                System.arraycopy(program.logits(), (slots - 1) * levels, logits, i * levels, levels);
            }
        }
        return logits;
    }

    @Test
    void perturbedValueChangesNoLogitsAtOrBeforeIt() throws Exception {
        byte[] values = image(1);
        float[] before = whole(values);
        for (int at : new int[] {0, 1, steps / 2, steps - 2}) {
            byte[] changed = values.clone();
            changed[at] = (byte) ((changed[at] + 1) % levels);
            float[] after = whole(changed);
            int upTo = (at + 1) * levels;
            assertThat(Arrays.copyOf(after, upTo)).isEqualTo(Arrays.copyOf(before, upTo));
            assertThat(Arrays.copyOfRange(after, upTo, upTo + levels))
                    .isNotEqualTo(Arrays.copyOfRange(before, upTo, upTo + levels));
        }
    }

    @Test
    void cachedStepsGiveTheLogitsOfTheWholeForward() throws Exception {
        byte[] values = image(2);
        float[] whole = whole(values);
        float[] stepped = stepByStep(values, 1);
        for (int i = 0; i < whole.length; i++) {
            assertThat((double) stepped[i]).isCloseTo(whole[i], within(1e-4 + 1e-4 * Math.abs(whole[i])));
        }
    }

    @Test
    void logitsAreBitEqualInEveryBatchSize() throws Exception {
        byte[] values = image(3);
        float[] alone = stepByStep(values, 1);
        for (int slots : new int[] {2, 3, 5, 8, 16}) {
            assertThat(stepByStep(values, slots)).as("%d slots", slots).isEqualTo(alone);
        }
    }

    @Test
    void movedStateGoesOnWhereItWas() throws Exception {
        byte[] values = image(4);
        float[] expected = stepByStep(values, 1);
        try (StepState state = graph.newState(3); StepProgram program = graph.newProgram(state, 1)) {
            byte[] other = image(5);
            int half = steps / 2;
            for (int i = 0; i < half; i++) {
                for (int slot = 0; slot < 3; slot++) {
                    show(program, slot, slot == 2 ? values : other, i);
                    program.cached()[slot] = i;
                }
                program.run(3);
            }
            program.move(2, 0, half);
            for (int i = half; i < steps; i++) {
                show(program, 0, values, i);
                program.cached()[0] = i;
                program.run(1);
                assertThat(Arrays.copyOf(program.logits(), levels))
                        .isEqualTo(Arrays.copyOfRange(expected, i * levels, (i + 1) * levels));
            }
        }
    }

    @Test
    void slotsAtDifferentPositionsDoNotSeeEachOther() throws Exception {
        byte[] ahead = image(6);
        byte[] behind = image(7);
        float[] expectedAhead = stepByStep(ahead, 1);
        float[] expectedBehind = stepByStep(behind, 1);
        int apart = steps / 3;
        try (StepState state = graph.newState(2); StepProgram program = graph.newProgram(state, 1)) {
            for (int i = 0; i < steps; i++) {
                show(program, 0, ahead, i);
                program.cached()[0] = i;
                int late = i - apart;
                if (late >= 0) {
                    show(program, 1, behind, late);
                    program.cached()[1] = late;
                }
                program.run(late >= 0 ? 2 : 1);
                assertThat(Arrays.copyOf(program.logits(), levels))
                        .isEqualTo(Arrays.copyOfRange(expectedAhead, i * levels, (i + 1) * levels));
                if (late >= 0) {
                    assertThat(Arrays.copyOfRange(program.logits(), levels, 2 * levels))
                            .isEqualTo(Arrays.copyOfRange(expectedBehind, late * levels, (late + 1) * levels));
                }
            }
        }
    }

    @Test
    void positionBeyondTheCacheIsRefused() throws Exception {
        try (StepState state = graph.newState(1); StepProgram program = graph.newProgram(state, 1)) {
            program.cached()[0] = graph.shape().state().keyValues().positions();
            assertThatThrownBy(() -> program.run(1)).isInstanceOf(GraphException.class);
        }
    }
}
