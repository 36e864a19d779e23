package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.SlotProgram;
import io.scanline.server.runtime.StepProgram;
import io.scanline.server.runtime.Stride;

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
    public void stride(SlotBatch batch, Ran ran) throws GraphException {
        Stride stride = new Stride() {
            @Override
            public void show(int first, int slots) {
                StepDecoder.this.show(batch, first, slots);
            }

            @Override
            public boolean ran(int first, int slots, long nanos) {
                return ran.ran(first, slots, nanos);
            }
        };
        if (batch.hasPairs()) { // a value is decided with what two slots answer, which need not be in one group
            program.strideTogether(batch.running(), stride);
        } else {
            program.stride(batch.running(), stride);
        }
    }

    private void show(SlotBatch batch, int first, int slots) {
        for (int slot = first; slot < first + slots; slot++) {
            ImageTask image = batch.image(slot);
            feed.show(program, slot, image.valuesInPlace(), image.position());
        }
    }

    @Override
    public long decide(SlotBatch batch, ValueDrawer drawer, int slot, int index, long now) throws GraphException {
        return drawer.draw(slot, program.logits(), batch.logitsOf(slot), now);
    }
}
