package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * Images that come, take steps, go and are moved from slot to slot at any step get bit for bit the logits that they get
 * alone, however a step is parted among threads. For every kind of state.
 */
class MovingSlotsTest {
    private static final int SLOTS = 4;
    private static final int RUNS = 150;
    private static final Map<String, LoadedModel> MODELS = new HashMap<>();

    /** An image that is fed, and what its steps gave when it was alone. */
    private static final class Fed {
        final byte[] values;
        final int label;
        final float[] expected; // [steps,levels]
        int position;

        Fed(LoadedModel model, Random random) throws GraphException {
            values = new byte[model.steps()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (byte) random.nextInt(model.levels());
            }
            label = random.nextInt(Math.max(1, model.bundle().getConditioning().getClassNamesCount()));
            expected = new float[values.length * model.levels()];
            try (LoadedModel.OwnedProgram alone = model.newDecoder(1)) {
                for (int step = 0; step < values.length; step++) {
                    alone.program().label()[0] = label;
                    model.feed().show(alone.program(), 0, values, step);
                    alone.program().run(1);
                    System.arraycopy(alone.program().logits(), 0, expected, step * model.levels(), model.levels());
                }
            }
        }
    }

    private static LoadedModel model(String name) {
        return MODELS.computeIfAbsent(name, missing -> {
            try {
                return TinyEngine.load(missing);
            } catch (EngineException broken) {
                throw new IllegalStateException(broken);
            }
        });
    }

    @AfterContainer
    static void close() {
        MODELS.values().forEach(LoadedModel::close);
        MODELS.clear();
    }

    @Provide
    Arbitrary<String> models() {
        return Arbitraries.of(
                TinyBundle.NAME, TinyBundle.RING, TinyBundle.ROWS, TinyBundle.ROW_GRAPH,
                TinyBundle.NEIGHBOURS, TinyBundle.ROW_WINDOW, TinyBundle.INT8,
                TinyBundle.WINDOWS, TinyBundle.NEARBY);
    }

    @Property(tries = 28)
    void logitsAreTheSameAloneAndAmongOthersInAnySlot(@ForAll("models") String name, @ForAll Random random)
            throws Exception {
        LoadedModel model = model(name);
        int levels = model.levels();
        List<Fed> images = new ArrayList<>();
        try (LoadedModel.OwnedProgram decoder = model.newDecoder(SLOTS)) {
            StepProgram program = decoder.program();
            for (int run = 0; run < RUNS; run++) {
                if (images.isEmpty() || images.size() < SLOTS && random.nextInt(4) == 0) {
                    images.add(new Fed(model, random));
                }
                for (int slot = 0; slot < images.size(); slot++) {
                    Fed image = images.get(slot);
                    program.label()[slot] = image.label;
                    model.feed().show(program, slot, image.values, image.position);
                }
                program.run(images.size());
                for (int slot = images.size() - 1; slot >= 0; slot--) {
                    Fed image = images.get(slot);
                    int at = image.position++ * levels;
                    assertThat(Arrays.copyOfRange(program.logits(), slot * levels, (slot + 1) * levels))
                            .as("slot %d at position %d", slot, image.position - 1)
                            .isEqualTo(Arrays.copyOfRange(image.expected, at, at + levels));
                }
                for (int slot = images.size() - 1; slot >= 0; slot--) {
                    if (images.get(slot).position == model.steps() || random.nextInt(25) == 0) {
                        leave(program, images, slot);
                    }
                }
            }
        }
    }

    private static void leave(StepProgram program, List<Fed> images, int slot) {
        Fed last = images.remove(images.size() - 1);
        if (slot < images.size()) {
            program.move(images.size(), slot, last.position);
            images.set(slot, last);
        }
    }
}
