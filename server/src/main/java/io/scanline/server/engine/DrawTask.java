package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;

/** A generation whose every image is decided at once: the decoded latent of the request's noise. */
final class DrawTask extends OneShotTask implements Generation {
    private final String id = UUID.randomUUID().toString();
    private final OneShotLane lane;
    private final CheckedRequest request;
    private final Admission.Ticket ticket;
    private final ProgressListener listener;
    private final long admittedNanos;
    private final List<Drawn> images;
    private final MessageDigest sha256 = Sha256.digest(); // of the lane's thread only
    private volatile EngineException failure;

    DrawTask(
            OneShotLane lane, CheckedRequest request, Admission.Ticket ticket, ProgressListener listener, long now) {
        super(request.label(), 0, request.count(), request.count(), request.deadlineNanos());
        this.lane = lane;
        this.request = request;
        this.ticket = ticket;
        this.listener = listener;
        this.admittedNanos = now;
        this.images = IntStream.range(0, request.count()).mapToObj(Drawn::new).toList();
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        images.get(index).startedNanos = System.nanoTime();
        float temperature = request.sampling().temperature();
        codec.putLatent(slot, LatentCodec.noise(seed(), index, temperature, codec.size()), label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        images.get(index).finish(codec.image(slot));
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
    public String id() {
        return id;
    }

    @Override
    public ModelInfo model() {
        return lane.model();
    }

    @Override
    public long seed() {
        return request.seed();
    }

    @Override
    public int queuePosition() {
        return ticket.queuePosition();
    }

    @Override
    public long etaMillis() {
        return ticket.etaMillis();
    }

    @Override
    public List<? extends ImageProgress> images() {
        return images;
    }

    @Override
    public Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public void cancel() {
        lane.cancel(this);
    }

    /** One image: nothing, and then all of it. */
    private final class Drawn implements ImageProgress {
        private final int index;
        private long startedNanos; // of the lane's thread only
        private volatile byte[] values = {};
        private volatile ImageResult result;

        Drawn(int index) {
            this.index = index;
        }

        void finish(byte[] decided) {
            long now = System.nanoTime();
            long total = (now - admittedNanos) / 1000;
            values = decided;
            result = new ImageResult(
                    sha256.digest(decided), 0, 0, (startedNanos - admittedNanos) / 1000, total, total);
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public int decided() {
            return values.length;
        }

        @Override
        public byte[] values(int from, int to) {
            byte[] decided = values;
            if (from < 0 || from > to || to > decided.length) {
                throw new IndexOutOfBoundsException("values " + from + " to " + to + " of " + decided.length);
            }
            return Arrays.copyOfRange(decided, from, to);
        }

        @Override
        public Optional<ImageResult> result() {
            return Optional.ofNullable(result);
        }
    }
}
