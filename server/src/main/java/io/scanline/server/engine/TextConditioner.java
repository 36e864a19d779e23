package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import java.util.Arrays;

/**
 * Makes of the ids of a text what every step is shown of it. One text a run, so that nothing depends on which others are asked
 * for at the same time. To be used by one thread at a time.
 */
final class TextConditioner implements AutoCloseable {
    private final BatchProgram program;
    private final int padding;

    TextConditioner(Bundle bundle, BatchGraph graph) throws GraphException {
        this.program = graph.newProgram(1);
        this.padding = bundle.getTextInput().getPadding();
    }

    /**
     * The vector of a text.
     *
     * @param ids at most as many as the context has
     * @return float[D]
     * @throws GraphException when the graph fails or answers with numbers that are not finite
     */
    float[] condition(int[] ids) throws GraphException {
        long[] tokens = program.longInput("tokens");
        Arrays.fill(tokens, padding);
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = ids[i];
        }
        program.longInput("lengths")[0] = ids.length;
        program.run(1);
        float[] condition = program.floatOutput("condition").clone();
        for (float number : condition) {
            if (!Float.isFinite(number)) {
                throw new GraphException("the text_condition answered with numbers that are not finite");
            }
        }
        return condition;
    }

    @Override
    public void close() {
        program.close();
    }
}
