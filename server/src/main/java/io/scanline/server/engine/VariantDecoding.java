package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.StepProgram;
import java.util.Arrays;
import java.util.Optional;

/**
 * How one variant of a model decides values and tells how likely given ones are, with the memory of all slots and
 * times that were measured.
 */
final class VariantDecoding implements AutoCloseable {
    /** Steps timed at load at each place and batch size; the shortest counts, since noise only adds. */
    private static final int TIMED_STEPS = 4;
    /** The same of chunks, which take as long as many steps. */
    private static final int TIMED_CHUNKS = 2;
    /** Images that are scored at once where that takes memory of their keys and values. */
    private static final int SCORED_CHUNKS = 4;

    private final Bundle bundle;
    private final String variant;
    private final Optional<LoadedPrompts> prompts;
    private AutoCloseable memory; // what the decoder computes with
    private SlotDecoder decoder;
    private StepTimes times;
    private Guessing guessing; // null: none
    private Likelihoods likelihoods;
    private long slotBytes;

    private VariantDecoding(Bundle bundle, String variant, Optional<LoadedPrompts> prompts) {
        this.bundle = bundle;
        this.variant = variant;
        this.prompts = prompts;
    }

    /** One value of every image in a run, or guesses where they pay. */
    static VariantDecoding of(LoadedModel loaded, EngineConfig config) throws GraphException {
        VariantDecoding made = new VariantDecoding(loaded.bundle(), loaded.variant(), loaded.prompts());
        boolean complete = false;
        try {
            LoadedModel.OwnedProgram owned = loaded.newDecoder(config.slots() + 1); // one to move images with
            made.memory = owned;
            made.decoder = new StepDecoder(loaded.feed(), owned.program());
            made.times = time(owned.program(), config.slots(), loaded.grid());
            made.slotBytes = owned.state().slotBytes();
            made.guessing = loaded.guesses(config.guess())
                    ? new Guessing(loaded, owned.state(), config.slots(), made.times)
                    : null;
            made.likelihoods = loaded.graph().shape().takesSpans()
                    ? new SpanLikelihoods(loaded)
                    : new StepLikelihoods(loaded, Math.min(Scorer.STEPPED_IMAGES, Scorer.most(config)));
            complete = true;
            return made;
        } finally {
            if (!complete) {
                made.close();
            }
        }
    }

    /** Several values of every image in a run. */
    static VariantDecoding of(LoadedChunks loaded, EngineConfig config) throws GraphException {
        VariantDecoding made = new VariantDecoding(loaded.bundle(), loaded.variant(), loaded.prompts());
        boolean complete = false;
        try {
            ChunkProgram program = loaded.newProgram(config.slots() + 1);
            made.memory = program;
            ChunkFeed feed = new ChunkFeed(loaded.grid());
            made.decoder = new ChunkDecoder(program, feed, loaded.grid().levels());
            made.times = time(program, config.slots(), feed, loaded.grid().values());
            made.slotBytes = program.slotBytes();
            made.likelihoods = new ChunkLikelihoods(loaded, Math.min(SCORED_CHUNKS, Scorer.most(config)));
            complete = true;
            return made;
        } finally {
            if (!complete) {
                made.close();
            }
        }
    }

    /**
     * Times steps in the middle of an image. The state before it is all zeros, which takes as long as any other. The
     * first step of a row counts for its share of a row, since a row graph may be run before it.
     */
    private static StepTimes time(StepProgram program, int slots, ValueGrid grid) throws GraphException {
        int row = grid.rowLength();
        int first = grid.height() / 2 * row;
        return new StepTimes(slots, time(program, 1, first, row), time(program, slots, first, row));
    }

    private static long time(StepProgram program, int batch, int first, int row) throws GraphException {
        long beginning = time(program, batch, first);
        return row == 1 ? beginning : (beginning + (row - 1) * time(program, batch, first + 1)) / row;
    }

    private static long time(StepProgram program, int batch, int position) throws GraphException {
        stand(program, position);
        return StepTimes.shortest(TIMED_STEPS, () -> program.run(batch));
    }

    private static void stand(StepProgram program, int position) {
        Arrays.fill(program.cached(), position);
        Arrays.fill(program.position(), position);
    }

    /** Times chunks in the middle of an image; a step's time is its share of one. */
    private static StepTimes time(ChunkProgram program, int slots, ChunkFeed feed, int steps) throws GraphException {
        int middle = steps / 2 / program.span() * program.span();
        byte[] image = new byte[steps];
        for (int slot = 0; slot < slots; slot++) {
            feed.show(program, slot, image, middle, ChunkFeed.ALL_GIVEN);
        }
        feed.neutral(program, slots, 1);
        long one = StepTimes.shortest(TIMED_CHUNKS, () -> program.run(1)) / program.span();
        return new StepTimes(slots, one, StepTimes.shortest(TIMED_CHUNKS, () -> program.run(slots)) / program.span());
    }

    Bundle bundle() {
        return bundle;
    }

    String variant() {
        return variant;
    }

    /** What reads texts; empty: there are none. */
    Optional<LoadedPrompts> prompts() {
        return prompts;
    }

    SlotDecoder decoder() {
        return decoder;
    }

    /** Measured times, for one value of every slot. */
    StepTimes times() {
        return times;
    }

    /** What guesses values; null: none. */
    Guessing guessing() {
        return guessing;
    }

    Likelihoods likelihoods() {
        return likelihoods;
    }

    /** Bytes of memory that one slot takes. */
    long slotBytes() {
        return slotBytes;
    }

    @Override
    public void close() {
        if (likelihoods != null) {
            likelihoods.close();
        }
        if (guessing != null) {
            guessing.close();
        }
        if (memory != null) {
            close(memory);
        }
    }

    private static void close(AutoCloseable memory) {
        try {
            memory.close();
        } catch (Exception impossible) { // neither of the two throws any
            throw new IllegalStateException("memory of slots was not freed", impossible);
        }
    }
}
