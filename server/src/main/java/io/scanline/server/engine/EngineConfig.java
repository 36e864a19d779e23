package io.scanline.server.engine;

import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.Device;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * How the engine is set up; one configuration holds for every model.
 *
 * @param models the model repository: a directory that holds bundles as NAME/VERSION
 * @param slots images that one model makes at once, 1 to 1024; memory for their state is taken at load
 * @param maxQueuedImages images that may wait for a slot of one model, 0 or more
 * @param maxImagesPerRequest images of one request, 1 or more
 * @param threads threads that compute one step of one model, 1 or more
 * @param maxBundleBytes bundles with more bytes than this in all are refused
 * @param maxImportanceSamples latents that a bound on a likelihood may be computed with, 1 to 65536
 * @param maxFrames frames of one interpolation, 2 to 65536
 * @param scheduling how slots are shared by those who wait
 * @param guess whether values are guessed
 * @param precisions arithmetic of steps where a request says none
 * @param device what computes the graphs that it has kernels for
 * @param chunk values of an image that one run decides, of a graph that decides several, 1 to {@link #LONGEST_CHUNK}
 */
public record EngineConfig(
        Path models, int slots, int maxQueuedImages, int maxImagesPerRequest, int threads, long maxBundleBytes,
        int maxImportanceSamples, int maxFrames, Scheduling scheduling, GuessMode guess, PrecisionChoice precisions,
        Device device, int chunk) {
    /** Importance samples unless configured. */
    public static final int DEFAULT_IMPORTANCE_SAMPLES = 64;
    /** Frames unless configured. */
    public static final int DEFAULT_FRAMES = 256;

    /** Values that a run decides of an image, of a graph that decides several, unless configured. */
    public static final int DEFAULT_CHUNK = 16;
    /** The most of them. */
    public static final int LONGEST_CHUNK = 256;

    /** Waiting images of one client unless configured. */
    public static final int DEFAULT_QUEUED_PER_CLIENT = 48;

    private static final int MOST = 1 << 16;
    private static final int DEFAULT_SLOTS = 64;
    private static final int DEFAULT_QUEUED_IMAGES = 64;
    private static final int DEFAULT_IMAGES_PER_REQUEST = 16;
    private static final long DEFAULT_BUNDLE_BYTES = 256L << 20;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException when a value is out of its range
     */
    public EngineConfig {
        Objects.requireNonNull(models, "models");
        Objects.requireNonNull(scheduling, "scheduling");
        Objects.requireNonNull(precisions, "precisions");
        Objects.requireNonNull(device, "device");
        require(slots >= 1 && slots <= 1024, "slots must be 1 to 1024");
        require(maxQueuedImages >= 0, "maxQueuedImages must be 0 or more");
        require(maxImagesPerRequest >= 1, "maxImagesPerRequest must be 1 or more");
        require(threads >= 1, "threads must be 1 or more");
        require(maxBundleBytes >= 1, "maxBundleBytes must be 1 or more");
        require(
                maxImportanceSamples >= 1 && maxImportanceSamples <= MOST,
                "maxImportanceSamples must be 1 to " + MOST);
        require(chunk >= 1 && chunk <= LONGEST_CHUNK, "chunk must be 1 to " + LONGEST_CHUNK);
        require(maxFrames >= 2 && maxFrames <= MOST, "maxFrames must be 2 to " + MOST);
    }

    /** Guesses where no image changes. */
    public EngineConfig(
            Path models, int slots, int maxQueuedImages, int maxImagesPerRequest, int threads, long maxBundleBytes,
            int maxImportanceSamples, int maxFrames, Scheduling scheduling) {
        this(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes, maxImportanceSamples,
                maxFrames, scheduling, GuessMode.AUTO, PrecisionChoice.FP32, Device.CPU, DEFAULT_CHUNK);
    }

    /** The same; all clients have the same share, and each may use the whole queue. */
    public EngineConfig(
            Path models, int slots, int maxQueuedImages, int maxImagesPerRequest, int threads, long maxBundleBytes,
            int maxImportanceSamples, int maxFrames) {
        this(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes, maxImportanceSamples,
                maxFrames, Scheduling.equal());
    }

    /** The same, guessing or not. */
    public EngineConfig guessing(GuessMode whether) {
        return new EngineConfig(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes,
                maxImportanceSamples, maxFrames, scheduling, whether, precisions, device, chunk);
    }

    /** The same with this arithmetic where a request says none. */
    public EngineConfig preferring(PrecisionChoice precisions) {
        return new EngineConfig(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes,
                maxImportanceSamples, maxFrames, scheduling, guess, precisions, device, chunk);
    }

    /** The same on a device, with chunks of this length. */
    public EngineConfig on(Device where, int length) {
        return new EngineConfig(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes,
                maxImportanceSamples, maxFrames, scheduling, guess, precisions, where, length);
    }

    /** What computes graphs. */
    Compute compute() {
        return new Compute(threads, device);
    }

    /** The same, with 64 importance samples and 256 frames. */
    public EngineConfig(
            Path models, int slots, int maxQueuedImages, int maxImagesPerRequest, int threads, long maxBundleBytes) {
        this(models, slots, maxQueuedImages, maxImagesPerRequest, threads, maxBundleBytes,
                DEFAULT_IMPORTANCE_SAMPLES, DEFAULT_FRAMES);
    }

    /**
     * 64 slots, 64 waiting images of which one client may have 48, 16 images a request, a thread for every processor,
     * bundles up to 256 MiB.
     */
    public static EngineConfig defaults(Path models) {
        return new EngineConfig(
                models,
                DEFAULT_SLOTS,
                DEFAULT_QUEUED_IMAGES,
                DEFAULT_IMAGES_PER_REQUEST,
                Runtime.getRuntime().availableProcessors(),
                DEFAULT_BUNDLE_BYTES,
                DEFAULT_IMPORTANCE_SAMPLES,
                DEFAULT_FRAMES,
                new Scheduling(Map.of(), Scheduling.DEFAULT_OVERTAKES, DEFAULT_QUEUED_PER_CLIENT));
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
