package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** A generation whose every image is decided at once: the decoded latent of the request's noise. */
final class DrawTask extends DecodedGeneration {
    private final Admission.Ticket ticket;
    private final List<Drawn> images;
    private final List<Drawn> toDraw; // in the order in which they are decoded
    private volatile boolean paused;

    DrawTask(
            OneShotLane lane, CheckedRequest request, Admission.Ticket ticket, ProgressListener listener, long now) {
        super(lane, request, listener, now);
        this.ticket = ticket;
        this.images = IntStream.range(0, request.count()).mapToObj(Drawn::new).toList();
        this.toDraw = new CopyOnWriteArrayList<>(images);
    }

    @Override
    boolean mayDecode(int index) {
        return !paused;
    }

    @Override
    boolean giveUp(int index) {
        Drawn image = images.get(index);
        if (!image.giveUp()) {
            return false;
        }
        int place = toDraw.indexOf(image);
        if (place >= decodesClaimed()) {
            toDraw.remove(place);
            forgoDecode();
        }
        return true;
    }

    @Override
    public boolean cancel(int image) {
        return lane().cancel(this, image);
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void proceed() {
        paused = false;
        lane().wake();
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        Drawn image = toDraw.get(index);
        image.startedNanos = System.nanoTime();
        float temperature = request().sampling().temperature();
        codec.putLatent(slot, LatentCodec.noise(seed(), image.index(), temperature, codec.size()), label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        toDraw.get(index).finish(codec.image(slot));
    }

    @Override
    void tell() {
        news();
    }

    @Override
    public ModelInfo model() {
        return lane().model();
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

    private final class Drawn extends WholeImage {
        private long startedNanos; // of the lane's thread only

        Drawn(int index) {
            super(index);
        }

        boolean giveUp() {
            long total = (System.nanoTime() - admittedNanos()) / 1000;
            return giveUp(ImageResult.givenUp(FinishReason.CANCELLED, 0, 0, total, 0, total));
        }

        void finish(byte[] decided) {
            long total = (System.nanoTime() - admittedNanos()) / 1000;
            long queue = (startedNanos - admittedNanos()) / 1000;
            finish(decided, new ImageResult(sha256().digest(decided), 0, 0, queue, total, total));
        }
    }
}
