package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;

/**
 * A request at hand of a one-shot lane: some runs of a graph, and then some of the decoder, one item each. Its items
 * are claimed in order under the lane's lock; filling and reading them is left to the lane's thread.
 */
abstract class OneShotTask {
    private final int label;
    private final int encodes;
    private int decodes; // guarded by the lane's lock
    private final int room;
    private final long deadlineNanos;

    private int claimed; // guarded by the lane's lock
    private int taken; // guarded by the lane's lock
    private boolean ended; // guarded by the lane's lock
    private volatile boolean complete;

    /** What the next item needs. */
    enum Stage {
        /** A run of the encoder. */
        ENCODE("encoder"),
        /** A run of the decoder. */
        DECODE("decoder"),
        /** A run of the image encoder. */
        EMBED_IMAGE("image_encoder"),
        /** A run of the text encoder. */
        EMBED_TEXT("text_encoder"),
        /** A run of the classifier. */
        CLASSIFY("classifier"),
        /** Nothing now. */
        WAIT("");

        private final String role;

        Stage(String role) {
            this.role = role;
        }

        /** Role of the graph that is run, as bundles name it. */
        String role() {
            return role;
        }
    }

    /**
     * @param encodes runs of the encoder
     * @param decodes runs of the decoder
     * @param room images whose memory it holds, which admission counts
     */
    OneShotTask(int label, int encodes, int decodes, int room, long deadlineNanos) {
        this.label = label;
        this.encodes = encodes;
        this.decodes = decodes;
        this.room = room;
        this.deadlineNanos = deadlineNanos;
    }

    final int label() {
        return label;
    }

    final int room() {
        return room;
    }

    final long deadlineNanos() {
        return deadlineNanos;
    }

    /** Runs of the encoder that are left. */
    final int encodesLeft() {
        return Math.max(0, encodes - taken);
    }

    /** Runs of the decoder that are left; of those that can be told only later, none yet. */
    int decodesLeft() {
        return decodes - Math.max(0, taken - encodes);
    }

    /** What its first items need; those after them need the decoder. */
    Stage first() {
        return Stage.ENCODE;
    }

    final Stage stage() {
        if (claimed < encodes) {
            return first();
        }
        int next = claimed - encodes;
        return next < decodes && mayDecode(next) ? Stage.DECODE : Stage.WAIT;
    }

    /** Runs of the decoder in all, those that were made included. */
    final int decodes() {
        return decodes;
    }

    /** Runs of the decoder that were handed out. */
    final int decodesClaimed() {
        return Math.max(0, claimed - encodes);
    }

    /** One run of the decoder less, of those that were not handed out. */
    final void forgoDecode() {
        decodes--;
        complete = taken == encodes + decodes;
    }

    /** Hands out the next item. */
    final int claim() {
        return claimed++;
    }

    /** One more item was read; true: it was the last one. */
    final boolean takeOne() {
        complete = ++taken == encodes + decodes;
        return complete;
    }

    /** Whether every item was read. */
    final boolean complete() {
        return complete;
    }

    final boolean ended() {
        return ended;
    }

    /** Ends it; false: it had ended already. */
    final boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    /** Writes an item into a slot of the graph of its stage. */
    void fill(OneShotCodec codec, int slot, int item) {
        LatentCodec latents = (LatentCodec) codec; // the lane that it is submitted to has no other
        if (item < encodes) {
            fillEncoder(latents, slot, item);
        } else {
            fillDecoder(latents, slot, item - encodes);
        }
    }

    /**
     * A run was made that it had part in; once for every item, before they are read. On the lane's thread.
     *
     * @param stage whose graph was run
     * @param run its number in the lane
     * @param took nanoseconds
     */
    void ran(Stage stage, long run, long took) {}

    /** Reads the result of an item. */
    void take(OneShotCodec codec, int slot, int item) throws GraphException {
        LatentCodec latents = (LatentCodec) codec;
        if (item < encodes) {
            takeEncoded(latents, slot, item);
        } else {
            takeDecoded(latents, slot, item - encodes);
        }
    }

    /** Whether a run of the decoder may be made now; asked under the lane's lock. */
    boolean mayDecode(int index) {
        return true;
    }

    void fillEncoder(LatentCodec codec, int slot, int index) {
        throw new IllegalStateException("nothing is to be encoded");
    }

    void takeEncoded(LatentCodec codec, int slot, int index) throws GraphException {
        throw new IllegalStateException("nothing is to be encoded");
    }

    void fillDecoder(LatentCodec codec, int slot, int index) {
        throw new IllegalStateException("nothing is to be decoded");
    }

    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        throw new IllegalStateException("nothing is to be decoded");
    }

    /** Ended early; at most once. Called under the lane's lock: only remembers it. */
    abstract void fail(EngineException why);

    /** Something was read, or it has ended. Called without the lock. */
    abstract void tell();
}
