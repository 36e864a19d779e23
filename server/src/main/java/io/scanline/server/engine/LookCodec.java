package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.ImagePlanes;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * The graphs of one model that looks at images and texts, in the words of the model. Slots 0 to n - 1 are filled, the
 * graph is run with a batch of n, and the slots are read. To be used by one thread at a time.
 */
final class LookCodec implements OneShotCodec, Releasable {
    /** Largest deviation of the length of a vector from 1. */
    private static final double LENGTH_TOLERANCE = 1e-3;

    private final ImagePlanes planes;
    private final int context;
    private final int padding;
    private final Map<Stage, BatchProgram> programs = new EnumMap<>(Stage.class);

    LookCodec(Bundle bundle) {
        this.planes = new ImagePlanes(bundle.getGeometry());
        this.context = bundle.getTextInput().getContext();
        this.padding = bundle.getTextInput().getPadding();
    }

    void open(Map<Stage, BatchGraph> graphs, int largest) throws GraphException {
        for (Map.Entry<Stage, BatchGraph> graph : graphs.entrySet()) {
            programs.put(graph.getKey(), graph.getValue().newProgram(largest));
        }
    }

    @Override
    public BatchProgram program(Stage stage) {
        return programs.get(stage);
    }

    void put(Stage stage, int slot, Shown shown) {
        BatchProgram program = programs.get(stage);
        if (shown instanceof Shown.Image image) {
            planes.fromLevels(image.levels(), program.floatInput("image"), slot * planes.values());
        } else if (shown instanceof Shown.Tokens tokens) {
            putTokens(program, slot, tokens.ids());
        }
    }

    private void putTokens(BatchProgram program, int slot, int[] ids) {
        long[] row = program.longInput("tokens");
        int at = slot * context;
        Arrays.fill(row, at, at + context, padding);
        for (int i = 0; i < ids.length; i++) {
            row[at + i] = ids[i];
        }
        long[] lengths = program.longInput("lengths");
        if (lengths != null) {
            lengths[slot] = ids.length;
        }
        long[] mask = program.longInput("mask");
        if (mask != null) {
            Arrays.fill(mask, at, at + ids.length, 1);
            Arrays.fill(mask, at + ids.length, at + context, 0);
        }
    }

    /**
     * What a graph answered: a vector of length 1, or logits.
     *
     * @throws GraphException when the numbers are not finite, or the vector has another length
     */
    float[] answer(Stage stage, int slot) throws GraphException {
        BatchProgram program = programs.get(stage);
        float[] all = program.floatOutput(LookDescription.output(stage));
        int size = all.length / program.largest();
        float[] answer = Arrays.copyOfRange(all, slot * size, (slot + 1) * size);
        double squares = 0;
        for (float number : answer) {
            if (!Float.isFinite(number)) {
                throw new GraphException("the " + stage.role() + " answered with numbers that are not finite");
            }
            squares += (double) number * number;
        }
        if (stage != Stage.CLASSIFY && !(Math.abs(Math.sqrt(squares) - 1) <= LENGTH_TOLERANCE)) {
            throw new GraphException("the " + stage.role() + " answered with a vector of length "
                    + Math.sqrt(squares) + ", not 1: end the graph with a division by the vector's own length, "
                    + "or give the tensor a form with FINISH_LENGTH_ONE");
        }
        return answer;
    }

    @Override
    public void close() {
        programs.values().forEach(BatchProgram::close);
    }
}
