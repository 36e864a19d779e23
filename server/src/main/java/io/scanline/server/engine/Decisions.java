package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Decides the next values of images in slots beside each other, and knows who is to be told of them. Of one thread at a
 * time; others may do the same for other slots.
 */
final class Decisions {
    private final SlotDecoder decoder;
    private final SlotBatch batch;
    private final int first;
    private final ValueDrawer drawer;
    private final ModelMetrics metrics;
    private final BiConsumer<GenerationTask, Exception> broken;
    private final List<GenerationTask> news = new ArrayList<>();
    private long round;
    private int slots; // that have part in the round
    private int runs; // of the round
    private long run; // a number for it that no run of other slots has, either
    private int drawn; // values of the run at hand
    private boolean complete; // whether one of the round was an image's last
    private boolean judge; // whether an image of a race came to a place where it is judged

    /**
     * @param first slot
     * @param broken takes a generation of which a value could not be decided
     */
    Decisions(
            SlotDecoder decoder, SlotBatch batch, int first, ModelMetrics metrics,
            BiConsumer<GenerationTask, Exception> broken) {
        this.decoder = decoder;
        this.batch = batch;
        this.first = first;
        this.drawer = new ValueDrawer(batch);
        this.metrics = metrics;
        this.broken = broken;
        this.run = first;
    }

    /**
     * Decides what values a run has computed.
     *
     * @param ofRound a number of the lane's, to be told from that of the round before
     * @param count slots that were run
     * @return whether they may be run again before anything is arranged
     */
    boolean decideAll(long ofRound, int count) {
        begin(ofRound, count);
        runs++;
        long now = System.nanoTime();
        boolean sound = true;
        for (int slot = first; slot < first + slots; slot++) {
            if (!batch.isSecond(slot)) {
                sound &= decide(slot, now);
            }
        }
        metrics.pixels(drawn);
        return sound && !complete && !judge;
    }

    private void begin(long ofRound, int count) {
        if (round != ofRound) {
            round = ofRound;
            runs = 0;
            complete = false;
            judge = false;
        }
        slots = count;
        run += batch.slots() + 1L;
        drawn = 0;
    }

    /** Has values decided by whoever has guessed them; returns how many that were, 0: none, and nothing was run. */
    int drawGuessed(long ofRound, int count, GuessedDrawing guessing) throws GraphException {
        begin(ofRound, count);
        int decided = guessing.draw(this::draw);
        runs += decided > 0 ? 1 : 0;
        metrics.pixels(drawn);
        return decided;
    }

    /** Draws values in an order of its own. */
    @FunctionalInterface
    interface GuessedDrawing {
        /** Returns how many values were decided or passed. */
        int draw(Guessing.Drawing drawing) throws GraphException;
    }

    /** Takes what the last run says of the next values of a slot; false: its generation failed. */
    private boolean decide(int slot, long now) {
        ImageTask image = batch.image(slot);
        boolean goesOn = true;
        for (int index = 0; goesOn && index < decoder.span() && !image.complete(); index++) {
            if (image.givenNext()) {
                image.pass();
            } else {
                int next = index;
                goesOn = decided(slot, now, () -> decoder.decide(batch, drawer, slot, next, now));
            }
        }
        return goesOn;
    }

    /** Draws the next value of a slot; false: its generation failed. */
    private boolean draw(int slot, float[] logits, int offset, long now) {
        return decided(slot, now, () -> drawer.draw(slot, logits, offset, now));
    }

    /** Decides a value; returns nanoseconds since the one drawn before, -1 for the first one. */
    @FunctionalInterface
    private interface Decision {
        long make() throws GraphException;
    }

    /** Decides the next value of a slot; false: its generation failed. */
    private boolean decided(int slot, long now, Decision decision) {
        ImageTask image = batch.image(slot);
        GenerationTask generation = image.generation();
        try {
            long gap = decision.make();
            if (gap < 0) {
                metrics.firstPixel(now - generation.admittedNanos());
            } else {
                metrics.pixelGap(gap);
            }
        } catch (GraphException | RuntimeException failure) {
            broken.accept(generation, failure);
            return false;
        }
        drawn++;
        complete |= image.complete();
        judge |= generation.race().isPresent() && generation.race().get().advance(image);
        boolean isLast = !news.isEmpty() && news.get(news.size() - 1) == generation;
        if (!isLast && generation.firstNewsOf(run)) {
            news.add(generation);
        }
        return true;
    }

    /** Slots of the round at hand. */
    int slots() {
        return slots;
    }

    /** Whether an image is complete since the round began. */
    boolean complete() {
        return complete;
    }

    /** Whether an image of a race came to a place where it is judged since the round began. */
    boolean judge() {
        return judge;
    }

    /** Counts the runs of the round, and what it took, for those who had part in it. */
    void count(long nanos) {
        for (int slot = first; slot < first + slots; slot++) {
            batch.image(slot).generation().clock().ran(round, runs, nanos);
        }
    }

    /** Tells those whose values were decided. */
    void tell() {
        if (!news.isEmpty()) {
            news.forEach(GenerationTask::tell);
            news.clear();
        }
    }
}
