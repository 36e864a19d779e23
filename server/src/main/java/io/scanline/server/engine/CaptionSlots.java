package io.scanline.server.engine;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Captioning;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.ImagePlanes;
import io.scanline.contract.LevelSampler;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.GraphException;
import io.scanline.server.runtime.TextStepProgram;
import java.util.Arrays;

/**
 * The captions that have a slot. Slots 0 to running - 1 take part in every step, each at its own position. At most one
 * more, behind them, begins: its image is computed, and then its sequence piece by piece, between the steps of the
 * others, which wait for no more than one piece. When one leaves, others move together with their state.
 */
final class CaptionSlots implements Releasable {
    /** Steps timed at load at each batch size. */
    private static final int TIMED_STEPS = 4;

    private static final int NOT_SEEN = -1; // its image is still to be computed

    private final BatchProgram prefix;
    private final TextStepProgram program;
    private final ImagePlanes planes;
    private final LevelSampler sampler;
    private final int vocabulary;
    private final int images; // positions that an image takes
    private final int begin;
    private final int end;
    private final float[] vectors; // float[N,D]: of the image that begins
    private final CaptionTask[] captions;
    private int running;
    private boolean beginning;
    private int piece;

    /** @param prefix takes one image at a time; both are closed with this */
    CaptionSlots(Bundle bundle, BatchProgram prefix, TextStepProgram program) {
        Captioning captioning = bundle.getCaptioning();
        this.prefix = prefix;
        this.program = program;
        this.planes = new ImagePlanes(bundle.getGeometry());
        this.vocabulary = captioning.getVocabulary();
        this.sampler = new LevelSampler(vocabulary);
        this.images = captioning.getPrefix();
        this.begin = captioning.getBegin();
        this.end = captioning.getEnd();
        this.vectors = new float[captioning.getPrefix() * captioning.getWidth()];
        this.captions = new CaptionTask[program.slots()];
    }

    /** Times steps with one slot and with all of them, just behind images that are all zeros. */
    StepTimes times() throws GraphException {
        Arrays.fill(program.position(), images);
        Arrays.fill(program.token(), begin);
        return new StepTimes(
                slots(), StepTimes.shortest(TIMED_STEPS, () -> program.run(1)),
                StepTimes.shortest(TIMED_STEPS, () -> program.run(slots())));
    }

    int slots() {
        return captions.length;
    }

    /** Bytes of memory that the state of one caption takes. */
    long slotBytes() {
        return program.slotBytes();
    }

    /** Slots that are taken. */
    int size() {
        return beginning ? running + 1 : running;
    }

    /** Slots that take part in a step. */
    int running() {
        return running;
    }

    /** Whether one begins. */
    boolean beginning() {
        return beginning;
    }

    CaptionTask caption(int slot) {
        return captions[slot];
    }

    /** Gives a free slot to a caption; no other may be beginning. */
    void add(CaptionTask caption) {
        captions[running] = caption;
        beginning = true;
        piece = NOT_SEEN;
    }

    /** Frees a slot. */
    void remove(int slot) {
        if (slot == running) {
            beginning = false;
        } else {
            running--;
            move(running, slot, images + captions[running].drawn());
            if (beginning) {
                move(running + 1, running, program.positionsAfter(Math.max(0, piece)));
            }
        }
        captions[size()] = null;
    }

    private void move(int from, int to, int positions) {
        if (from != to) {
            captions[to] = captions[from];
            program.move(from, to, positions);
        }
    }

    /**
     * Does the next bit of work for the caption that begins. True: it has begun and is to {@link #join} the others, and
     * {@link #logits()} say in their first row what its first token is.
     */
    boolean begin() throws GraphException {
        CaptionTask caption = captions[running];
        if (piece == NOT_SEEN) {
            see(caption.levels());
            caption.shown();
            piece = 0;
            return false;
        }
        program.begin(running, piece++, vectors, begin);
        return piece == program.pieces();
    }

    /** Lets the caption that has begun take part from now on. */
    void join() {
        beginning = false;
        running++;
    }

    /** Computes what the sequence of an image begins with. */
    private void see(byte[] levels) throws GraphException {
        planes.fromLevels(levels, prefix.floatInput(CaptionDescription.IMAGE), 0);
        prefix.run(1);
        System.arraycopy(prefix.floatOutput(CaptionDescription.PREFIX), 0, vectors, 0, vectors.length);
    }

    /** Computes the logits of the next token of every caption that runs but its first. */
    void step() throws GraphException {
        for (int slot = 0; slot < running; slot++) {
            program.token()[slot] = captions[slot].lastId();
            program.position()[slot] = images + captions[slot].drawn();
        }
        program.run(running);
    }

    /** What the last run answered. */
    float[] logits() {
        return program.logits();
    }

    /** What a draw came to. */
    enum Drawn {
        /** A token; there may be more. */
        TOKEN,
        /** The last token that was asked for. */
        LAST,
        /** The end. */
        END
    }

    /**
     * Draws the next token of a caption, or its end.
     *
     * @param row of the logits
     * @throws GraphException when the logits are not numbers
     */
    Drawn draw(CaptionTask caption, int row, long now) throws GraphException {
        SamplingOptions sampling = caption.request().sampling();
        double uniform = CounterRandom.uniform(caption.seed(), 0, caption.drawn(), 0);
        int offset = row * vocabulary;
        int id = sampler.draw(
                logits(), offset, sampling.temperature(), sampling.topK(), sampling.topP(), uniform);
        double logProbability = sampler.logProbabilityOfDrawn(logits(), offset, id);
        if (Double.isNaN(logProbability)) {
            throw new GraphException("the graph answered with logits that are not numbers");
        }
        if (id == end) {
            caption.ended(logProbability);
            return Drawn.END;
        }
        return caption.append(id, logProbability, now) ? Drawn.LAST : Drawn.TOKEN;
    }

    @Override
    public void close() {
        prefix.close();
        program.close();
    }
}
