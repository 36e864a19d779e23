package io.scanline.server.engine;

import java.security.MessageDigest;
import java.util.Optional;
import java.util.UUID;

/** A generation whose images a one-shot lane decodes, one run of the decoder each. */
abstract class DecodedGeneration extends OneShotTask implements Generation {
    private final String id = UUID.randomUUID().toString();
    private final OneShotLane lane;
    private final CheckedRequest request;
    private final ProgressListener listener;
    private final long admittedNanos;
    private final MessageDigest sha256 = Sha256.digest();
    private final StageClock decoding = new StageClock();
    private volatile EngineException failure;

    DecodedGeneration(OneShotLane lane, CheckedRequest request, ProgressListener listener, long now) {
        super(request.label(), 0, request.count(), request.count(), request.deadlineNanos());
        this.lane = lane;
        this.request = request;
        this.listener = listener;
        this.admittedNanos = now;
    }

    final OneShotLane lane() {
        return lane;
    }

    final CheckedRequest request() {
        return request;
    }

    final long admittedNanos() {
        return admittedNanos;
    }

    /** For the lane's thread only. */
    final MessageDigest sha256() {
        return sha256;
    }

    /** The runs of the decoder that it had part in, previews included. */
    final StageClock decoding() {
        return decoding;
    }

    @Override
    final void ran(Stage stage, long run, long took) {
        decoding.ran(run, took);
    }

    /** Tells the listener of progress. */
    final void news() {
        listener.progressed();
    }

    /**
     * Under the lane's lock: gives an image up, and its run of the decoder unless that was handed out. False: it has
     * ended.
     */
    abstract boolean giveUp(int image);

    @Override
    final void fail(EngineException why) {
        failure = why;
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final long seed() {
        return request.seed();
    }

    @Override
    public final Optional<CheckedPrompt> prompt() {
        return request.prompt();
    }

    @Override
    public final Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public final int end(EngineException why) {
        int images = (int) images().stream().filter(image -> image.result().isEmpty()).count();
        return lane.end(this, why) ? images : 0;
    }
}
