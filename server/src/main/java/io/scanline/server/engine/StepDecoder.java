package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;
import io.scanline.server.runtime.StepProgram;

/** One value of every image in a run, drawn from the logits that the graph answers with. */
final class StepDecoder implements SlotDecoder {
    private final StepFeed feed;
    private final StepProgram program;

    StepDecoder(StepFeed feed, StepProgram program) {
        this.feed = feed;
        this.program = program;
    }

    @Override
    public SlotProgram program() {
        return program;
    }

    @Override
    public int span() {
        return 1;
    }

    @Override
    public void run(SlotBatch batch) throws GraphException {
        for (int slot = 0; slot < batch.running(); slot++) {
            ImageTask image = batch.image(slot);
            feed.show(program, slot, image.valuesInPlace(), image.position());
        }
        program.run(batch.running());
    }

    @Override
    public long decide(SlotBatch batch, int slot, int index, long now) throws GraphException {
        return batch.draw(slot, program.logits(), batch.logitsOf(slot), now);
    }
}
