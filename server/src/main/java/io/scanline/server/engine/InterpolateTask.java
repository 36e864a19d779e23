package io.scanline.server.engine;

import io.scanline.server.engine.InterpolationRequest.End;
import io.scanline.server.engine.InterpolationRequest.ImageEnd;
import io.scanline.server.engine.InterpolationRequest.LatentEnd;
import io.scanline.server.runtime.GraphException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Frames between two latents, decoded only a few ahead of their reader. */
final class InterpolateTask extends OneShotTask implements Interpolation {
    /** Frames that may be there untaken: enough to fill a batch. */
    static final int AHEAD = BatchTrial.LARGEST;

    private final OneShotLane lane;
    private final InterpolationRequest request;
    private final ProgressListener listener;
    private final Queue<Frame> ready = new ConcurrentLinkedQueue<>();
    private final AtomicInteger delivered = new AtomicInteger();
    private volatile EngineException failure;

    // Of the lane's thread only.
    private final float[][] ends = new float[2][];

    InterpolateTask(OneShotLane lane, int label, InterpolationRequest request, ProgressListener listener) {
        super(label, encodes(request), request.frames(), 1, request.deadlineNanos());
        this.lane = lane;
        this.request = request;
        this.listener = listener;
        ends[0] = latent(request.from());
        ends[1] = latent(request.to());
    }

    /** Ends that must be encoded first. */
    static int encodes(InterpolationRequest request) {
        return (int) Stream.of(request.from(), request.to()).filter(ImageEnd.class::isInstance).count();
    }

    /** The latent of an end; null while it has to be encoded. */
    private static float[] latent(End end) {
        return end instanceof LatentEnd given ? mean(given.latent()) : null;
    }

    private static float[] mean(Latent latent) {
        if (latent instanceof Latent.Gaussian gaussian) {
            return gaussian.mean();
        }
        return ((Latent.Vector) latent).values();
    }

    @Override
    boolean mayDecode(int index) {
        return index < delivered.get() + AHEAD;
    }

    /** Which end is encoded: the first that has no latent, and then the other one. */
    private int end(int index) {
        return index == 0 && request.from() instanceof ImageEnd ? 0 : 1;
    }

    @Override
    void fillEncoder(LatentCodec codec, int slot, int index) {
        End end = end(index) == 0 ? request.from() : request.to();
        codec.putImage(slot, ((ImageEnd) end).image(), label());
    }

    @Override
    void takeEncoded(LatentCodec codec, int slot, int index) throws GraphException {
        ends[end(index)] = mean(codec.latent(slot));
    }

    private double position(int index) {
        return index / (request.frames() - 1.0);
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        codec.putLatent(slot, request.path().at(ends[0], ends[1], position(index)), label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        ready.add(new Frame(index, (float) position(index), codec.image(slot)));
    }

    @Override
    void fail(EngineException why) {
        failure = why;
    }

    @Override
    void tell() {
        listener.progressed();
    }

    @Override
    public ModelInfo model() {
        return lane.model();
    }

    @Override
    public Optional<Frame> poll() {
        Frame frame = ready.poll();
        if (frame != null) {
            delivered.incrementAndGet();
            lane.wake();
        }
        return Optional.ofNullable(frame);
    }

    @Override
    public boolean delivered() {
        return delivered.get() == request.frames();
    }

    @Override
    public Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void cancel() {
        lane.cancel(this);
    }
}
