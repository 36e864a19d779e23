package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.contract.CausalContext;
import io.scanline.server.engine.TinyBundle;
import io.scanline.server.engine.VerifiedBundle;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Strides of two threads: in how many groups depends on what was found to be quicker, the logits on nothing. */
@Timeout(30)
class StrideTest {
    private static final int SLOTS = 5;
    private static final long NANOS = 1_500_000_000L;

    private static StepGraph graph;
    private static CausalContext context;
    private static int steps;
    private static int levels;
    private static byte[][] images; // by slot
    private static float[][] expected; // by slot: [steps,levels], of its image alone

    @BeforeAll
    static void load() throws Exception {
        VerifiedBundle tiny = TinyBundle.verified();
        graph = StepGraph.load(tiny.stepSource(), 2);
        context = new CausalContext(tiny.bundle().getGeometry(), tiny.bundle().getAutoregression());
        steps = tiny.bundle().getAutoregression().getSteps();
        levels = tiny.bundle().getGeometry().getLevels();
        Random random = new Random(1);
        images = new byte[SLOTS][steps];
        expected = new float[SLOTS][steps * levels];
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int i = 0; i < steps; i++) {
                images[slot][i] = (byte) random.nextInt(levels);
            }
            try (StepState state = graph.newState(1); StepProgram alone = graph.newProgram(state, 1)) {
                for (int i = 0; i < steps; i++) {
                    show(alone, 0, images[slot], i);
                    alone.run(1);
                    System.arraycopy(alone.logits(), 0, expected[slot], i * levels, levels);
                }
            }
        }
    }

    @AfterAll
    static void close() {
        graph.close();
    }

    private static void show(StepProgram program, int slot, byte[] values, int position) {
        context.gather(values, position, program.context(), slot * context.size());
        program.position()[slot] = position;
        program.cached()[slot] = position;
    }

    /** Draws the images over and over, each slot as far as its thread comes. */
    private static final class Drawing implements Stride {
        private final StepProgram program;
        private final int[] position = new int[SLOTS]; // by slot
        private final AtomicInteger wrong = new AtomicInteger();
        private final AtomicInteger runs = new AtomicInteger();

        Drawing(StepProgram program) {
            this.program = program;
        }

        @Override
        public void show(int first, int slots) {
            for (int slot = first; slot < first + slots; slot++) {
                StrideTest.show(program, slot, images[slot], position[slot]);
            }
        }

        @Override
        public boolean ran(int first, int slots, long nanos) {
            runs.incrementAndGet();
            boolean goesOn = true;
            for (int slot = first; slot < first + slots; slot++) {
                int at = position[slot] * levels;
                if (!Arrays.equals(
                        program.logits(), slot * levels, (slot + 1) * levels,
                        expected[slot], at, at + levels)) {
                    wrong.incrementAndGet();
                }
                position[slot] = (position[slot] + 1) % steps;
                goesOn &= position[slot] > 0;
            }
            return goesOn;
        }
    }

    @Test
    void logitsAreThoseOfEveryImageAlone() throws Exception {
        try (StepState state = graph.newState(SLOTS); StepProgram program = graph.newProgram(state, 1)) {
            Drawing drawing = new Drawing(program);
            long begun = System.nanoTime();
            int strides = 0;
            while (System.nanoTime() - begun < NANOS) {
                program.stride(SLOTS, drawing);
                strides++;
            }
            assertThat(drawing.wrong).hasValue(0);
            assertThat(drawing.runs).hasValueGreaterThan(strides); // not one by one
        }
    }

    @Test
    void failureOfWhoReadsTheLogitsEndsTheStride() throws Exception {
        try (StepState state = graph.newState(SLOTS); StepProgram program = graph.newProgram(state, 1)) {
            Drawing drawing = new Drawing(program);
            for (int i = 0; i < 200; i++) {
                assertThatThrownBy(() -> program.stride(SLOTS, new Stride() {
                            @Override
                            public void show(int first, int slots) {
                                drawing.show(first, slots);
                            }

                            @Override
                            public boolean ran(int first, int slots, long nanos) throws GraphException {
                                if (first == 0) {
                                    throw new GraphException("told to fail");
                                }
                                return true;
                            }
                        }))
                        .isInstanceOf(GraphException.class)
                        .hasMessage("told to fail");
            }
        }
    }
}
