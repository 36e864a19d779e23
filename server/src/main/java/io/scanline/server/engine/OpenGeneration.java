package io.scanline.server.engine;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledFuture;

/**
 * A generation under its identity: who reads it, and what becomes of it without a reader. It has one reader or none. A
 * reader says how it left off; of one that was replaced nothing counts any more.
 */
public final class OpenGeneration implements ProgressListener {
    private final Generations register;
    private final Keeping keeping;
    private final long keptMillis;
    private final long bytes;
    private final int notSent;
    private final ReadingPlan plan;
    private final ClassSelector label;
    private final PromptOptions prompt;
    private volatile GenerationReader reader; // changed under this lock
    private Generation generation; // written before anybody can have it

    // Guarded by this.
    private boolean delivered;
    private boolean gone;
    private int breaks;
    private ScheduledFuture<?> expiry;
    private ScheduledFuture<?> pauseEnd;
    private final PauseAllowance pauses;

    /**
     * @param bytes that it is counted with
     * @param notSent first values, or codes, that the client gave
     */
    OpenGeneration(
            Generations register, Keeping keeping, long keptMillis, long bytes, int notSent, ReadingPlan plan,
            ClassSelector label, PromptOptions prompt, GenerationReader reader) {
        this.register = register;
        this.keeping = keeping;
        this.keptMillis = keptMillis;
        this.bytes = bytes;
        this.notSent = notSent;
        this.plan = plan;
        this.label = label;
        this.prompt = prompt;
        this.reader = reader;
        this.pauses = new PauseAllowance(register.limits().maxPauseMillis());
    }

    void begin(Generation admitted) {
        generation = admitted;
    }

    /** What is made. */
    public Generation generation() {
        return generation;
    }

    /** How it is to be read, as its request said. */
    public ReadingPlan plan() {
        return plan;
    }

    /** Which class was asked for. */
    ClassSelector label() {
        return label;
    }

    /** What it was asked to draw. */
    PromptOptions prompt() {
        return prompt;
    }

    long bytes() {
        return bytes;
    }

    /** Told by the lanes. */
    @Override
    public void progressed() {
        GenerationReader current = reader;
        if (current != null) {
            current.progressed();
        }
    }

    /**
     * For every image where its reader begins, counted in values; of a model that draws codes in codes and then in
     * values.
     *
     * @param next what the reader lacks first of every image, unsigned; empty: it has nothing but what it gave
     * @param whole it has not even what was given
     * @throws EngineException NEXT_INDEX_OUT_OF_RANGE, FIELD_CONFLICT
     */
    public int[] beginnings(List<Integer> next, boolean whole) throws EngineException {
        int[] from = new int[generation.images().size()];
        if (whole && !next.isEmpty()) {
            throw EngineException.field(
                    Reason.FIELD_CONFLICT, "whole", "a request says next_index or whole, not both");
        }
        if (whole) {
            return from;
        }
        if (next.isEmpty()) {
            Arrays.fill(from, notSent);
            return from;
        }
        if (next.size() != from.length) {
            throw nextIndex("next_index has " + next.size() + " values; the generation has " + from.length + " images");
        }
        int codes = generation.model().codes().map(ValueGrid::values).orElse(0);
        int all = codes + generation.model().values();
        for (int i = 0; i < from.length; i++) {
            from[i] = next.get(i);
            if (Integer.compareUnsigned(from[i], all) > 0) {
                throw nextIndex("next_index of image " + i + " is " + Integer.toUnsignedString(from[i])
                        + "; it must be 0 to " + all);
            }
        }
        return from;
    }

    private static EngineException nextIndex(String message) {
        return EngineException.field(Reason.NEXT_INDEX_OUT_OF_RANGE, "next_index", message);
    }

    /** Somebody else reads from now on; false: it is gone, or was read to its end. */
    boolean attach(GenerationReader next) {
        GenerationReader before;
        synchronized (this) {
            if (gone || delivered || !keeping.held()) {
                return false;
            }
            before = reader;
            reader = next;
            expiry = cancelled(expiry);
        }
        if (before != null) {
            before.replaced();
        }
        return true;
    }

    /**
     * The stream of this reader broke: the generation stops, or goes on and is kept for a while.
     *
     * @return whether it is kept
     */
    public boolean disconnected(GenerationReader left) {
        synchronized (this) {
            if (gone || reader != left) {
                return false;
            }
            if (keeping.held() && !register.draining()) {
                reader = null;
                delivered = false;
                expiry = cancelled(expiry);
                int ours = ++breaks;
                expiry = register.afterMillis(keptMillis, () -> expire(ours));
                proceed();
                return true;
            }
            leave();
        }
        generation.cancel();
        return false;
    }

    /** This reader is about to be told the last word; false: it was replaced, and must not be. */
    public synchronized boolean delivered(GenerationReader read) {
        if (reader != read) {
            return false;
        }
        delivered = true;
        if (gone) {
            return true; // it was given up by its id when all was made
        }
        if (keeping.held()) {
            expiry = register.afterMillis(keptMillis, this::forget); // should nobody say what became of the last word
        } else {
            leave();
        }
        return true;
    }

    /** The last word has been handed to this reader's connection, or there is nothing to be told any more. */
    public synchronized void closed(GenerationReader read) {
        if (reader == read) {
            leave();
        }
    }

    /** It cannot be sent to this reader: gives it up, unless somebody else reads it. */
    public void abort(GenerationReader failed) {
        synchronized (this) {
            if (reader != failed) {
                return;
            }
            leave();
        }
        generation.cancel();
    }

    private synchronized void forget() {
        if (delivered) {
            leave();
        }
    }

    /** Whether nobody reads it. */
    synchronized boolean unread() {
        return !gone && reader == null;
    }

    /** Gives all its images up, for anybody; answers how many had not ended. */
    int cancel() {
        synchronized (this) {
            leave();
        }
        return generation.end(EngineException.of(Reason.GENERATION_CANCELLED, "the generation was cancelled"));
    }

    /**
     * Gives one image up; false: it has ended.
     *
     * @param image unsigned
     * @throws EngineException IMAGE_INDEX_OUT_OF_RANGE
     */
    public boolean cancel(int image) throws EngineException {
        Generations.checkImage(generation, image, "image_index");
        return generation.cancel(image);
    }

    /** Takes no steps until it is to proceed, at most for as long as the server allows all its pauses together. */
    public synchronized void pause() {
        if (gone || pauseEnd != null || register.draining()) {
            return;
        }
        long millis = pauses.begin(System.nanoTime());
        if (millis > 0) {
            pauseEnd = register.afterMillis(millis, this::proceed);
            generation.pause();
        }
    }

    /** Takes steps again. */
    public synchronized void proceed() {
        pauses.end(System.nanoTime());
        pauseEnd = cancelled(pauseEnd);
        generation.proceed();
    }

    /** @param number of the break that nobody came back from */
    private void expire(int number) {
        synchronized (this) {
            if (gone || reader != null || number != breaks) {
                return;
            }
            leave();
        }
        register.expired();
        generation.cancel();
    }

    /** Drops it, if nobody reads it. */
    void dropUnread() {
        synchronized (this) {
            if (gone || reader != null) {
                return;
            }
            leave();
        }
        generation.cancel();
    }

    private void leave() {
        if (!gone) {
            gone = true;
            expiry = cancelled(expiry);
            pauseEnd = cancelled(pauseEnd);
            register.left(this);
        }
    }

    private static ScheduledFuture<?> cancelled(ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
        return null;
    }
}
