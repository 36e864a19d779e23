package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * All generations of this server by identity, from their admission until they were read to the end, stopped or given
 * up. Keeps those that ask for it when their stream breaks, in bounded memory and time.
 */
public final class Generations implements AutoCloseable {
    /**
     * Counted for a generation whatever its size: its request, its place here, its timer, what its lanes keep of it.
     */
    private static final long GENERATION_BYTES = 4096;
    /** Counted for an image besides its values. */
    private static final long IMAGE_BYTES = 512;
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ImageEngine engine;
    private final HoldLimits limits;
    private final HoldMetrics metrics;
    private final Rejections rejections;
    private final Map<String, OpenGeneration> open = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock;
    private long heldBytes; // guarded by this
    private volatile boolean draining;

    /** @param meters takes the measurements */
    public Generations(ImageEngine engine, HoldLimits limits, MeterRegistry meters) {
        this.engine = engine;
        this.limits = limits;
        this.metrics = new HoldMetrics(meters, this::held, this::heldBytes);
        this.rejections = new Rejections(meters, Tags.of("model", "", "version", ""));
        clock = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "held-generations");
            thread.setDaemon(true);
            return thread;
        });
        clock.setRemoveOnCancelPolicy(true);
        clock.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy()); // after close nothing is kept
    }

    /**
     * Checks and admits a request.
     *
     * @param fork where its prefix is taken from
     * @param plan kept with the generation
     * @param reader told of its progress from now on, perhaps before this returns
     * @throws EngineException what the engine refuses with; HOLD_OUT_OF_RANGE, HOLD_MEMORY_FULL; FIELD_CONFLICT,
     *     FIELD_NOT_SUPPORTED, FORK_MODEL_MISMATCH, FORK_UNDECIDED, IMAGE_INDEX_OUT_OF_RANGE, GENERATION_NOT_FOUND
     */
    public OpenGeneration open(
            GenerationRequest asked, Keeping keeping, Optional<ForkPoint> fork, ReadingPlan plan,
            GenerationReader reader)
            throws EngineException {
        long millis;
        long bytes;
        GenerationRequest request;
        try {
            millis = keeping.checkedMillis(limits);
            request = fork.isPresent() ? forked(asked, fork.get()) : asked;
            bytes = keeping.held() ? bytes(engine.model(request.model(), request.version()), request) : 0;
            reserve(bytes);
        } catch (EngineException refused) {
            rejections.count(refused.reason());
            throw refused;
        }
        // Nobody has the values of a fork yet: they are sent like those that are drawn.
        int notSent = fork.isPresent() ? 0 : asked.prefix().length;
        boolean admitted = false;
        try {
            OpenGeneration opened =
                    new OpenGeneration(
                            this, keeping, millis, bytes, notSent, plan, request.label(), request.prompt(), reader);
            opened.begin(engine.generate(request, opened));
            open.put(opened.generation().id(), opened);
            admitted = true;
            return opened;
        } finally {
            if (!admitted) {
                release(bytes);
            }
        }
    }

    /**
     * Finds a generation that is to be read on.
     *
     * @throws EngineException FIELD_REQUIRED, GENERATION_NOT_FOUND
     */
    public OpenGeneration find(String id) throws EngineException {
        return find(id, "generation_id");
    }

    /**
     * Makes somebody the reader of a generation, in place of whoever was.
     *
     * @throws EngineException GENERATION_NOT_FOUND when it was read to its end meanwhile, or is not of those that are
     *     held
     */
    public void resume(OpenGeneration opened, GenerationReader reader) throws EngineException {
        if (!opened.attach(reader)) {
            throw EngineException.field(
                    Reason.GENERATION_NOT_FOUND,
                    "generation_id",
                    "the generation was read to its end, or its request did not ask for it to be held");
        }
        metrics.resumed();
    }

    /**
     * Gives up a generation, or one image of it.
     *
     * @param image unsigned; empty: all
     * @return images that were given up by this call
     * @throws EngineException FIELD_REQUIRED, GENERATION_NOT_FOUND, IMAGE_INDEX_OUT_OF_RANGE
     */
    public int cancel(String id, OptionalInt image) throws EngineException {
        OpenGeneration opened = find(id);
        if (image.isEmpty()) {
            return opened.cancel();
        }
        return opened.cancel(image.getAsInt()) ? 1 : 0;
    }

    private OpenGeneration find(String id, String field) throws EngineException {
        if (id.isEmpty()) {
            throw EngineException.field(Reason.FIELD_REQUIRED, field, field + " is missing");
        }
        OpenGeneration found = open.get(id);
        if (found == null) {
            throw notFound(field);
        }
        return found;
    }

    private static EngineException notFound(String field) {
        return EngineException.field(
                Reason.GENERATION_NOT_FOUND, field, "no generation of this id runs or is held here");
    }

    private GenerationRequest forked(GenerationRequest asked, ForkPoint fork) throws EngineException {
        if (asked.prefix().length > 0 || asked.given().isPresent()) {
            throw EngineException.field(
                    Reason.FIELD_CONFLICT, "fork", "a request has a prefix, given values or a fork, one of them");
        }
        OpenGeneration opened = find(fork.generationId(), "fork.generation_id");
        Generation source = opened.generation();
        ModelInfo model = source.model();
        if (!asked.model().isEmpty() && !engine.model(asked.model(), asked.version()).digest().equals(model.digest())) {
            throw EngineException.field(
                    Reason.FORK_MODEL_MISMATCH, "fork.generation_id", "that generation is of another model");
        }
        if (!model.autoregressive()) {
            throw EngineException.field(
                    Reason.FIELD_NOT_SUPPORTED, "fork", "the model makes all values at once; leave fork out");
        }
        checkImage(source, fork.image(), "fork.image_index");
        ImageProgress image = source.images().get(fork.image());
        int decided = image.codes().map(CodeProgress::decided).orElseGet(image::decided);
        if (Integer.compareUnsigned(fork.steps(), decided) > 0) {
            throw EngineException.field(
                    Reason.FORK_UNDECIDED,
                    "fork.steps",
                    "fork.steps is " + Integer.toUnsignedString(fork.steps()) + "; the image has decided " + decided);
        }
        byte[] prefix = image.codes().isPresent()
                ? image.codes().get().codes(0, fork.steps())
                : image.values(0, fork.steps());
        return asked.of(
                model, asked.label().isEmpty() ? opened.label() : asked.label(), prefix,
                asked.prompt().or(opened.prompt()),
                asked.precision().isEmpty() ? source.precision() : asked.precision());
    }

    static void checkImage(Generation generation, int image, String field) throws EngineException {
        int count = generation.images().size();
        if (Integer.compareUnsigned(image, count) >= 0) {
            throw EngineException.field(
                    Reason.IMAGE_INDEX_OUT_OF_RANGE,
                    field,
                    field + " is " + Integer.toUnsignedString(image) + "; the last image is " + (count - 1));
        }
    }

    /**
     * What a generation is counted with while it may be held: 4,096 bytes and a prefix, or given values and their mask, and for
     * every image 512, its values, and 8 for every row where only the likeliest are kept; of a model that draws codes also its
     * codes and a preview; and 2 for every character of a prompt and 4 for every id and component that it may become.
     */
    static long bytes(ModelInfo model, GenerationRequest request) {
        if (!model.serving()) {
            return 0; // it will be refused
        }
        long values = model.values();
        long image = values + model.codes().map(codes -> codes.values() + values).orElse(0L);
        long given = (long) model.steps() * (request.given().isPresent() ? 2 : 1);
        long race = request.bestOf().isPresent() ? 8L * ValueGrid.drawn(model.bundle().orElseThrow()).height() : 0;
        long images = Integer.toUnsignedLong(request.count());
        long prompt = 2L * request.prompt().text().map(String::length).orElse(0)
                + 4L * model.prompt().map(reads -> reads.context() + reads.width()).orElse(0);
        return GENERATION_BYTES + given + prompt + images * (IMAGE_BYTES + image + race);
    }

    private synchronized void reserve(long bytes) throws EngineException {
        if (bytes == 0) {
            return;
        }
        if (heldBytes + bytes > limits.maxHeldBytes()) {
            String message = "holding this generation takes " + bytes + " bytes; of " + limits.maxHeldBytes() + ", "
                    + heldBytes + " are taken";
            throw bytes > limits.maxHeldBytes()
                    ? EngineException.of(Reason.HOLD_MEMORY_FULL, message)
                    : EngineException.retry(Reason.HOLD_MEMORY_FULL, RETRY, message);
        }
        heldBytes += bytes;
    }

    private synchronized void release(long bytes) {
        heldBytes -= bytes;
    }

    /** It needs no place any more. */
    void left(OpenGeneration opened) {
        release(opened.bytes()); // first: whoever finds it gone finds its memory free
        open.remove(opened.generation().id());
    }

    HoldLimits limits() {
        return limits;
    }

    boolean draining() {
        return draining;
    }

    ScheduledFuture<?> afterMillis(long millis, Runnable task) {
        return clock.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    void expired() {
        metrics.expired();
    }

    /** Generations that run or are held. */
    int size() {
        return open.size();
    }

    /** Those of them that nobody reads. */
    int held() {
        return (int) open.values().stream().filter(OpenGeneration::unread).count();
    }

    /** Bytes that are taken. */
    synchronized long heldBytes() {
        return heldBytes;
    }

    /** Timers that are set. */
    int timers() {
        return clock.getQueue().size();
    }

    /** Nobody can come back any more: gives up what nobody reads, now and from now on, and ends all pauses. */
    public void drain() {
        draining = true;
        List.copyOf(open.values()).forEach(opened -> {
            opened.dropUnread();
            opened.proceed();
        });
    }

    @Override
    public void close() {
        drain();
        clock.shutdownNow();
        metrics.close();
        rejections.close();
    }
}
