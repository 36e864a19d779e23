package io.scanline.server.engine;

import io.scanline.contract.CounterRandom;
import io.scanline.server.runtime.SlotProgram;

/**
 * The images that have a slot, each at its own position: slots 0 to running - 1 take part in every step, those behind
 * them up to size - 1 are parked. When one leaves or changes sides, others move together with their state. A guided
 * image has two slots, which take part, are parked and leave together.
 */
final class SlotBatch {
    private final SlotProgram program;
    private final int levels;
    private final int channels;
    private final int slots;
    private final int conditionSize;
    private final float[] empty; // what a step is shown of the empty text
    private final ImageTask[] images;
    private final RowPairs pairs;
    private int running;
    private int size;

    /**
     * @param program its last slot is for moves only, so that two images can change places in a full batch
     * @param empty what a step is shown of the empty text: float[D]; of length 0 when it is shown no texts
     */
    SlotBatch(SlotProgram program, int levels, int channels, float[] empty) {
        this.program = program;
        this.levels = levels;
        this.channels = channels;
        this.slots = program.slots() - 1;
        this.conditionSize = empty.length;
        this.empty = empty;
        this.images = new ImageTask[program.slots()];
        this.pairs = new RowPairs(program.slots());
    }

    int slots() {
        return slots;
    }

    int size() {
        return size;
    }

    /** Slots that take part in the next step: the first ones. */
    int running() {
        return running;
    }

    /** Whether there is room for an image that takes so many slots. */
    boolean fits(int rows) {
        return size + rows <= slots;
    }

    ImageTask image(int slot) {
        return images[slot];
    }

    /** Whether a slot is the second one of its image: what is decided for the first one holds for it. */
    boolean isSecond(int slot) {
        return pairs.isSecond(slot);
    }

    /** The other slot of a guided image; the slot itself of another one. */
    int other(int slot) {
        return pairs.other(slot);
    }

    /** Gives an image its slots, in which it runs; returns the first one. */
    int add(ImageTask image) {
        int slot = append(image);
        pairs.single(slot);
        if (image.generation().request().rows() == 2) {
            pairs.pair(slot, append(image));
        }
        showText(slot);
        return slot;
    }

    private int append(ImageTask image) {
        if (running < size) {
            move(running, size);
        }
        program.label()[running] = image.generation().request().label();
        images[running] = image;
        size++;
        return running++;
    }

    /** Sets what the steps of an image are shown of its text, if it is read, and in a second slot of the empty one. */
    private void showText(int slot) {
        float[] condition = images[slot].generation().condition();
        if (condition != null) {
            boolean second = pairs.isSecond(slot);
            int other = pairs.other(slot);
            program.condition().put(slot * conditionSize, second ? empty : condition);
            if (other != slot) {
                program.condition().put(other * conditionSize, second ? condition : empty);
            }
        }
    }

    /** Frees the slots of an image, of which this is one. */
    void remove(int slot) {
        int other = pairs.other(slot);
        take(Math.max(slot, other)); // which moves only slots behind it
        if (other != slot) {
            take(Math.min(slot, other));
        }
    }

    private void take(int slot) {
        int gap = slot;
        if (slot < running) {
            move(--running, slot);
            gap = running;
        }
        move(--size, gap);
        images[size] = null;
    }

    /** Keeps the image of a running slot out of the steps that follow. */
    void park(int slot) {
        int other = pairs.other(slot);
        swap(Math.max(slot, other), --running); // which moves only slots behind it
        if (other != slot) {
            swap(Math.min(slot, other), --running);
        }
    }

    /** Lets the image of a parked slot take part again. */
    void unpark(int slot) {
        int other = pairs.other(slot);
        showText(slot);
        swap(Math.min(slot, other), running++); // which moves only slots before it
        if (other != slot) {
            swap(Math.max(slot, other), running++);
        }
    }

    private void swap(int one, int other) {
        if (one != other) {
            int spare = slots;
            move(one, spare);
            move(other, one);
            move(spare, other);
            images[spare] = null;
        }
    }

    private void move(int from, int to) {
        if (from != to) {
            images[to] = images[from];
            pairs.move(from, to);
            program.label()[to] = program.label()[from];
            program.condition().put(to * conditionSize, program.condition(), from * conditionSize, conditionSize);
            program.move(from, to, images[from].position());
        }
    }

    /** Whether an image runs that is kept or not by how it compares with others, so that they must not get apart. */
    boolean hasRaces() {
        for (int slot = 0; slot < running; slot++) {
            if (images[slot].generation().race().isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Levels of a value. */
    int levels() {
        return levels;
    }

    /** Whether images have two slots each, some of them. */
    boolean hasPairs() {
        for (int slot = 0; slot < running; slot++) {
            if (pairs.isSecond(slot)) {
                return true;
            }
        }
        return false;
    }

    /** Where the logits of a slot begin, in those of a run for one value of every slot. */
    int logitsOf(int slot) {
        return slot * levels;
    }

    /** The uniform number that decides a value of an image. */
    double uniform(ImageTask image, int position) {
        int pixel = position / channels;
        return CounterRandom.uniform(
                image.generation().request().seed(), image.index(), pixel, position - pixel * channels);
    }
}
