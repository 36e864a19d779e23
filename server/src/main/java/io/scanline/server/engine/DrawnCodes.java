package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The codes of one image of a prior, which a decode lane draws, with previews by a one-shot lane. */
final class DrawnCodes implements CodeProgress {
    private static final Logger log = LoggerFactory.getLogger(DrawnCodes.class);

    private final ImageProgress codes;
    private final OneShotLane lane;
    private final PriorTask generation;
    private final AtomicReference<PreviewTask> beingMade = new AtomicReference<>(); // at most one at a time
    private volatile Preview newest;

    DrawnCodes(ImageProgress codes, OneShotLane lane, PriorTask generation) {
        this.codes = codes;
        this.lane = lane;
        this.generation = generation;
    }

    /** What the lane that draws them says of them, once they have ended. */
    Optional<ImageResult> result() {
        return codes.result();
    }

    /** Whether they were given up, or are not among those that are kept: no image will be made of them. */
    boolean givenUp() {
        return codes.result().filter(result -> result.finishReason() != FinishReason.COMPLETE).isPresent();
    }

    @Override
    public int decided() {
        return codes.decided();
    }

    @Override
    public byte[] codes(int from, int to) {
        return codes.values(from, to);
    }

    @Override
    public void askForPreview() {
        PreviewTask task = new PreviewTask();
        if (decided() == 0 || generation.failure().isPresent() || !beingMade.compareAndSet(null, task)) {
            return;
        }
        try {
            lane.submit(0, 1, task.room(), task.deadlineNanos(), (ticket, now) -> task);
        } catch (EngineException noTimeForIt) { // the image itself does not depend on it
            log.debug("No preview for generation {}: {}", generation.id(), noTimeForIt.reason());
            beingMade.set(null);
        }
    }

    /** Gives up the preview that is being made. */
    void dropPreview() {
        PreviewTask task = beingMade.get();
        if (task != null) {
            lane.cancel(task);
        }
    }

    @Override
    public Optional<Preview> preview() {
        return Optional.ofNullable(newest);
    }

    /**
     * One run of the decoder. It shows the codes that are there when the run begins, however long it waited. It takes
     * no room: the memory that it holds is that of its image.
     */
    private final class PreviewTask extends OneShotTask {
        private int shown; // of the lane's thread only

        PreviewTask() {
            super(generation.label(), 0, 1, 0, generation.deadlineNanos());
        }

        @Override
        void fillDecoder(LatentCodec codec, int slot, int index) {
            shown = decided();
            int[] known = Latent.Tokens.ofBytes(codes.values(0, shown)).codes();
            int[] shownCodes = new int[codec.size()];
            for (int i = 0; i < shownCodes.length; i++) {
                shownCodes[i] = known[Math.min(i, shown - 1)];
            }
            codec.putCodes(slot, shownCodes, label());
        }

        @Override
        void ran(Stage stage, long run, long took) {
            generation.decoding().ran(run, took);
        }

        @Override
        void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
            newest = new Preview(shown, codec.image(slot));
        }

        @Override
        void fail(EngineException why) {
            log.debug("No preview for generation {}: {}", generation.id(), why.reason());
        }

        @Override
        void tell() {
            beingMade.compareAndSet(this, null);
            generation.previewed();
        }
    }
}
