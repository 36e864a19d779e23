package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.CausalContext;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.WindowProgram;

/** Shows the programs of a model what they must see of an image. */
public final class StepFeed {
    private final CausalContext context;
    private final RowsAbove above;
    private final int width;

    StepFeed(Bundle bundle) {
        ValueGrid grid = ValueGrid.drawn(bundle);
        this.context = grid.context(bundle.getAutoregression());
        this.width = grid.width();
        int rows = BundleDescription.findGraph(bundle, BundleDescription.ROW_ROLE)
                .map(Graph::getRow)
                .map(row -> row.getAbove())
                .orElse(0);
        this.above = new RowsAbove(rows, width, grid.levels());
    }

    /**
     * Fills the inputs of one slot for the next run, but for its class.
     *
     * @param values the image so far; only values before the last position of the run are read
     * @param from first position of the run; the slot's state holds those before it
     */
    void show(StepProgram program, int slot, byte[] values, int from) {
        int span = program.span();
        for (int i = 0; i < span; i++) {
            int entry = slot * span + i;
            context.gather(values, from + i, program.context(), entry * context.size());
            program.position()[entry] = from + i;
        }
        program.cached()[slot] = from;
        showAbove(values, from, program.above(), slot);
    }

    /**
     * Fills the inputs of one window.
     *
     * @param at which one of the run
     * @param slot whose state holds the positions before
     * @param values the image so far; only values before the last position of the window are read
     * @param from its first position
     * @param count positions that matter
     */
    void show(WindowProgram program, int at, int slot, byte[] values, int from, int count, long label) {
        program.place(at, slot, from, count, label);
        for (int i = 0; i < program.positions(); i++) {
            int entry = at * program.positions() + i;
            int index = from + Math.min(i, count - 1);
            context.gather(values, index, program.context(), entry * context.size());
            program.position()[entry] = index;
        }
        showAbove(values, from, program.above(), at);
    }

    private void showAbove(byte[] values, int from, long[] shown, int at) {
        if (above.size() > 0 && from % width == 0) { // such a model has one channel
            above.gather(values, from / width, shown, at * above.size());
        }
    }
}
