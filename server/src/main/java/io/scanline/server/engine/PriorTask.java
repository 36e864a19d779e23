package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A generation of a prior. Both of its lanes admit it before it begins: a decode lane draws the codes, and every image
 * whose codes are complete is an item of this request of the one-shot lane. Whichever part ends early ends the other;
 * the reason that the one-shot lane has first is that of the generation.
 *
 * <p>Neither lane holds its lock while it tells of progress, so that each may be told of the other's.
 */
final class PriorTask extends DecodedGeneration {
    private final Admission.Ticket decoding;
    private final List<PriorImage> toDecode = new CopyOnWriteArrayList<>(); // in the order in which they are decoded
    private final List<PriorImage> drawing = new ArrayList<>(); // guarded by this
    private List<PriorImage> images = List.of(); // written before the codes are
    private volatile GenerationTask codes; // null: not admitted yet

    /** @param decoding what the one-shot lane told of the images */
    PriorTask(
            OneShotLane lane, CheckedRequest request, Admission.Ticket decoding, ProgressListener listener, long now) {
        super(lane, request, listener, now);
        this.decoding = decoding;
    }

    /**
     * Has the codes drawn.
     *
     * @param nanosDecoded time that the request takes once its last image is decoded
     * @throws EngineException when the decode lane refuses; this request has then left the one-shot lane
     */
    void draw(DecodeLane decodeLane, long nanosDecoded) throws EngineException {
        boolean admitted = false;
        try {
            long nanosAfter = TimeUnit.MILLISECONDS.toNanos(decoding.etaMillis()) + nanosDecoded;
            GenerationTask drawn = decodeLane.submit(request(), nanosAfter, this::codesProgressed);
            List<PriorImage> made = new ArrayList<>();
            for (ImageTask image : drawn.tasks()) {
                made.add(new PriorImage(image.index(), admittedNanos(), new DrawnCodes(image, lane(), this)));
            }
            images = List.copyOf(made);
            synchronized (this) {
                drawing.addAll(images);
            }
            codes = drawn;
            admitted = true;
        } finally {
            if (!admitted) {
                cancel();
            }
        }
        follow(codes); // what was told before this knew of it
    }

    /** The run that read its prompt. */
    StageClock reading() {
        return codes.reading();
    }

    /** The steps that it had part in. */
    StageClock steps() {
        return codes.clock();
    }

    /** Told by the decode lane. */
    private void codesProgressed() {
        if (codes != null) {
            follow(codes);
        }
        news();
    }

    /** Brings this part to where the other one is. */
    private void follow(GenerationTask drawn) {
        Optional<EngineException> failed = drawn.failure();
        if (failed.isPresent()) {
            lane().end(this, failed.get());
        } else if (failure().isPresent()) {
            drawn.cancel();
        } else {
            List<PriorImage> ended = gather();
            ended.stream().filter(image -> image.drawn().givenUp())
                    .forEach(image -> lane().cancel(this, image.index()));
            if (!ended.isEmpty()) {
                lane().wake();
            }
        }
    }

    /** Takes the images whose codes have ended, and hands those whose codes are complete to the decoder. */
    private synchronized List<PriorImage> gather() {
        List<PriorImage> ended = drawing.stream().filter(image -> image.drawn().result().isPresent()).toList();
        drawing.removeAll(ended);
        toDecode.addAll(ended.stream().filter(image -> !image.drawn().givenUp()).toList());
        return ended;
    }

    @Override
    public boolean cancel(int image) {
        return codes.cancel(image) || !images.get(image).drawn().givenUp() && lane().cancel(this, image);
    }

    @Override
    synchronized boolean giveUp(int index) {
        PriorImage image = images.get(index);
        Optional<ImageResult> drawn = image.drawn().result();
        if (drawn.isEmpty() || !image.giveUpDecoding(drawn.get())) {
            return false;
        }
        drawing.remove(image);
        int place = toDecode.indexOf(image);
        if (place < 0) {
            forgoDecode();
        } else if (place >= decodesClaimed()) {
            toDecode.remove(place);
            forgoDecode();
        }
        return true;
    }

    @Override
    public void pause() {
        codes.pause();
    }

    @Override
    public void proceed() {
        codes.proceed();
    }

    /** A preview is there, or will not come. */
    void previewed() {
        news();
    }

    @Override
    boolean mayDecode(int index) {
        return index < toDecode.size();
    }

    @Override
    int decodesLeft() {
        int notDrawn = decodes() - toDecode.size();
        return super.decodesLeft() - notDrawn;
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        DrawnCodes drawn = toDecode.get(index).drawn();
        codec.putCodes(slot, Latent.Tokens.ofBytes(drawn.codes(0, drawn.decided())).codes(), label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        toDecode.get(index).finish(codec.image(slot), sha256());
    }

    @Override
    void tell() {
        GenerationTask drawn = codes;
        if (failure().isPresent() && drawn != null) {
            drawn.cancel();
            images.forEach(image -> image.drawn().dropPreview());
        }
        news();
    }

    @Override
    public ModelInfo model() {
        return codes.model();
    }

    @Override
    public String precision() {
        return request().precision();
    }

    @Override
    public int queuePosition() {
        return codes.queuePosition();
    }

    @Override
    public long etaMillis() {
        return codes.etaMillis();
    }

    @Override
    public Optional<Standing> waiting() {
        return codes.waiting()
                .map(drawing -> new Standing(
                        drawing.queuePosition(), drawing.etaMillis() + decoding.etaMillis()));
    }

    @Override
    public List<? extends ImageProgress> images() {
        return images;
    }
}
