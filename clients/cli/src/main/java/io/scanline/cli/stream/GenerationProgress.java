package io.scanline.cli.stream;

import com.google.protobuf.ByteString;
import io.scanline.cli.image.LevelImages;
import io.scanline.cli.image.Picture;
import io.scanline.v1.Finished;
import io.scanline.v1.GenerateRequest;
import io.scanline.v1.GenerateResponse;
import io.scanline.v1.Geometry;
import io.scanline.v1.Preview;
import io.scanline.v1.ResumeRequest;
import io.scanline.v1.Started;
import io.scanline.v1.Waiting;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** What has arrived of one generation: written by the thread that receives, read by the one that draws. */
public final class GenerationProgress {
    private static final int MOST_IMAGES = 1 << 16;

    private int count; // 0: Started will say it
    private final ByteString prefix;
    private final LongSupplier clock;
    private final long sentAt;
    private long startedAt;
    private long finishedAt;
    private OptionalLong firstValueNanos = OptionalLong.empty();
    private Started started;
    private boolean broken;
    private ImageAssembly assembly;
    private Picture[] previews;
    private int[] previewSteps;
    private Finished finished;
    private Optional<Waiting> waiting = Optional.empty();

    /**
     * Nothing has arrived; the request is sent now.
     *
     * @param clock nanoseconds of a clock that only goes forward
     */
    public GenerationProgress(GenerateRequest request, LongSupplier clock) {
        this(request.hasCount() ? request.getCount() : 1, request.getPrefix(), clock);
    }

    private GenerationProgress(int count, ByteString prefix, LongSupplier clock) {
        this.count = count;
        this.prefix = prefix;
        this.clock = clock;
        this.sentAt = clock.getAsLong();
    }

    /** Of a generation that somebody else asked for; all of it is to come. */
    public static GenerationProgress ofWhole(LongSupplier clock) {
        return new GenerationProgress(0, ByteString.EMPTY, clock);
    }

    /**
     * The stream broke; what comes next is another one. Empty: nothing is known that could be asked for.
     *
     * @return what to ask for
     */
    public synchronized Optional<ResumeRequest> breakOff() {
        if (started == null) {
            return Optional.empty();
        }
        broken = true;
        assembly.newStream();
        ResumeRequest.Builder request = ResumeRequest.newBuilder().setGenerationId(started.getGenerationId());
        for (int i = 0; i < count; i++) {
            request.addNextIndex(assembly.next(i));
        }
        return Optional.of(request.build());
    }

    /**
     * Takes the next message. Kinds of events that this client does not know are passed over.
     *
     * @throws StreamViolation when it breaks the contract
     */
    public synchronized void accept(GenerateResponse event) throws StreamViolation {
        if (finished != null) {
            throw new StreamViolation("the server sent more after Finished");
        }
        boolean first = started == null || broken;
        if (first != event.hasStarted()) {
            throw new StreamViolation(first ? "the first message is not Started" : "Started came twice");
        }
        switch (event.getEventCase()) {
            case STARTED -> start(event.getStarted());
            case PIXELS -> {
                assembly.accept(event.getPixels());
                arrived();
            }
            case TOKENS -> {
                assembly.accept(event.getTokens());
                arrived();
            }
            case WAITING -> waiting = Optional.of(event.getWaiting());
            case PREVIEW -> preview(event.getPreview());
            case FINISHED -> {
                assembly.verify(event.getFinished());
                finished = event.getFinished();
                finishedAt = clock.getAsLong();
            }
            case EVENT_NOT_SET -> { }
        }
    }

    private void arrived() {
        if (firstValueNanos.isEmpty()) {
            firstValueNanos = OptionalLong.of(clock.getAsLong() - sentAt);
        }
    }

    private void start(Started event) throws StreamViolation {
        if (broken) {
            if (!event.getGenerationId().equals(started.getGenerationId())) {
                throw new StreamViolation("another generation came where one was to go on");
            }
            broken = false;
            return;
        }
        if (count == 0) {
            if (event.getImages() < 1 || event.getImages() > MOST_IMAGES) {
                throw new StreamViolation(
                        "the server announced " + Integer.toUnsignedString(event.getImages()) + " images");
            }
            count = event.getImages();
        }
        assembly = new ImageAssembly(event, count, prefix);
        previews = new Picture[count];
        previewSteps = new int[count];
        started = event;
        startedAt = clock.getAsLong();
    }

    private void preview(Preview event) throws StreamViolation {
        int image = event.getImageIndex();
        if (image < 0 || image >= count) {
            throw new StreamViolation("a preview of image " + Integer.toUnsignedString(image) + " of " + count);
        }
        Picture picture;
        try {
            picture = Picture.ofPreview(event.getImage().toByteArray());
        } catch (IOException e) {
            throw new StreamViolation("image " + image + ": preview cannot be read: " + e.getMessage());
        }
        Geometry geometry = started.getGeometry();
        if (picture.width() != geometry.getWidth() || picture.height() != geometry.getHeight()) {
            throw new StreamViolation("image " + image + ": preview is " + picture.width() + "x" + picture.height());
        }
        previews[image] = picture;
        previewSteps[image] = event.getStep();
    }

    /**
     * To be called when the stream has ended without an error.
     *
     * @throws StreamViolation when it ended before Finished
     */
    public synchronized void end() throws StreamViolation {
        if (finished == null) {
            throw new StreamViolation("the stream ended before Finished");
        }
    }

    /**
     * What every image looks like now; none before Started, and when it is finished those only that were kept, in the order
     * of {@link #images}.
     */
    public synchronized List<Picture> pictures() {
        List<Picture> pictures = new ArrayList<>();
        for (int i : kept()) {
            boolean previewKnowsMore = previews[i] != null && previewSteps[i] > assembly.decided(i);
            pictures.add(previewKnowsMore ? previews[i] : picture(i));
        }
        return pictures;
    }

    /** False once the server has said that it is not. */
    private boolean kept(int image) {
        return finished == null || ImageAssembly.complete(finished.getImages(image));
    }

    /** Codes are shown as they are, patches of grey, until the image that is made of them is there. */
    private Picture picture(int image) {
        int decided = assembly.decided(image);
        return started.hasCodes() && decided == 0
                ? Picture.ofCodes(started, assembly.drawnValues(image), assembly.drawn(image))
                : Picture.ofLevels(started.getGeometry(), assembly.values(image), decided);
    }

    /** Index of the first image that still grows; the number of images when none does. */
    public synchronized int firstGrowing() {
        int image = 0;
        while (started != null && image < count && assembly.decided(image) == assembly.steps()) {
            image++;
        }
        return image;
    }

    /** The finished images that were kept, with the intensities of their levels: the best first where they are ranked. */
    public synchronized List<BufferedImage> images() {
        Geometry geometry = started.getGeometry();
        return kept().stream().map(i -> LevelImages.toImage(geometry, assembly.values(i))).toList();
    }

    private List<Integer> kept() {
        return IntStream.range(0, started == null ? 0 : count)
                .filter(this::kept)
                .boxed()
                .sorted(Comparator.comparing(i -> finished == null ? 0 : finished.getImages(i).getRank()))
                .toList();
    }

    /** How far it is. */
    public synchronized Figures figures() {
        if (started == null) {
            return new Figures(Optional.empty(), Optional.empty(), 0, 0, OptionalLong.empty(), 0, Optional.empty());
        }
        long drawn = 0;
        for (int i = 0; i < count; i++) {
            // In the mode PREVIEW the values come last; the previews say earlier how far their images are.
            drawn += Math.max(assembly.drawn(i), previewSteps[i]) - assembly.given();
        }
        long now = finished == null ? clock.getAsLong() : finishedAt;
        return new Figures(
                Optional.of(started),
                waiting,
                drawn,
                (long) count * assembly.toDraw(),
                firstValueNanos,
                now - startedAt,
                Optional.ofNullable(finished));
    }
}
