package io.scanline.server.transport;

import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.FinishReason;
import io.scanline.server.engine.Generation;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ImageProgress;
import io.scanline.server.engine.ImageResult;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.ProgressListener;
import io.scanline.server.engine.Standing;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/** A generation whose values are decided by the test. */
final class ScriptedGeneration implements Generation {
    private final String id = UUID.randomUUID().toString();
    private final ModelInfo model;
    private final GenerationRequest request;
    private final ProgressListener listener;
    private final List<Image> images;
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    private volatile EngineException failure;
    private volatile boolean corrupted;
    private volatile boolean paused;
    private volatile Standing standing;

    ScriptedGeneration(ModelInfo model, GenerationRequest request, ProgressListener listener) {
        this.model = model;
        this.request = request;
        this.listener = listener;
        int steps = model.bundle().orElseThrow().getAutoregression().getSteps();
        images = IntStream.range(0, request.count()).mapToObj(index -> new Image(index, steps)).toList();
    }

    /** Decides the next values of every image, as one step of the decode lane does for one value. */
    void decide(int values) {
        images.forEach(image -> image.decide(values));
        listener.progressed();
    }

    /** Decides all that is left. */
    void finish() {
        decide(Integer.MAX_VALUE);
    }

    /** Ends one image, which decides no more; false: it has ended. */
    boolean giveUp(int image, FinishReason reason) {
        boolean first = images.get(image).giveUp(reason);
        listener.progressed();
        return first;
    }

    void fail(EngineException reason) {
        failure = reason;
        listener.progressed();
    }

    /** Waits there from now on; null: no more. */
    void stand(Standing now) {
        standing = now;
    }

    /** Reading its values fails from now on. */
    void corrupt() {
        corrupted = true;
    }

    @Override
    public String precision() {
        return request.precision().isEmpty() ? "fp32" : request.precision();
    }

    /** Completes when the generation is cancelled. */
    CompletableFuture<Void> cancelled() {
        return cancelled;
    }

    GenerationRequest request() {
        return request;
    }

    byte[] pixels(int image) {
        return images.get(image).values;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public ModelInfo model() {
        return model;
    }

    @Override
    public long seed() {
        return request.seed().orElse(7);
    }

    @Override
    public int queuePosition() {
        return 3;
    }

    @Override
    public long etaMillis() {
        return 1234;
    }

    @Override
    public Optional<Standing> waiting() {
        return Optional.ofNullable(standing);
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
    public int end(EngineException why) {
        int open = (int) images.stream().filter(image -> image.result == null).count();
        cancelled.complete(null);
        if (failure != null || open == 0) {
            return 0;
        }
        fail(why);
        return open;
    }

    @Override
    public boolean cancel(int image) {
        return giveUp(image, FinishReason.CANCELLED);
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void proceed() {
        paused = false;
    }

    boolean paused() {
        return paused;
    }

    static byte[] sha256(byte[] values) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(values);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private final class Image implements ImageProgress {
        private final int index;
        private final byte[] values;
        private volatile int decided = request.prefix().length;
        private volatile ImageResult result;

        Image(int index, int steps) {
            this.index = index;
            values = new byte[steps];
            new Random(seed() + index).nextBytes(values);
            for (int i = 0; i < steps; i++) {
                values[i] &= 3;
            }
            System.arraycopy(request.prefix(), 0, values, 0, decided);
        }

        boolean giveUp(FinishReason reason) {
            if (result != null) {
                return false;
            }
            result = new ImageResult(reason, new byte[0], -1, 0.5, 1, 2, 3);
            return true;
        }

        void decide(int more) {
            if (result != null) {
                return;
            }
            decided = (int) Math.min(values.length, (long) decided + more);
            if (decided == values.length) {
                result = new ImageResult(sha256(values), -10, 0.5, 1, 2, 3);
            }
        }

        @Override
        public int index() {
            return index;
        }

        @Override
        public int decided() {
            return decided;
        }

        @Override
        public byte[] values(int from, int to) {
            if (corrupted) {
                throw new IllegalStateException("secret");
            }
            if (to > decided) {
                throw new AssertionError("read ahead of what is decided");
            }
            return Arrays.copyOfRange(values, from, to);
        }

        @Override
        public Optional<ImageResult> result() {
            return Optional.ofNullable(result);
        }
    }
}
