package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.OneShotAdmission.BatchTimes;
import io.scanline.server.engine.OneShotTask.Stage;
import io.scanline.server.runtime.GraphException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Encoder and decoder that serve, of a model that makes an image at once: its checks and its lane. */
final class ServedLatentModel implements Serving {
    private final ModelInfo info;
    private final LoadedLatentModel loaded;
    private final LatentCodec codec;
    private final LatentChecks checks;
    private final LatentMetrics metrics;
    private final OneShotLane lane;

    private ServedLatentModel(
            LoadedLatentModel loaded, LatentCodec codec, EngineConfig config, int shares, MeterRegistry meters,
            OpenWork work)
            throws GraphException {
        Bundle bundle = loaded.bundle();
        int codes = bundle.getLatent().getCodes();
        BatchTimes encodes = codec.encodes()
                ? new BatchTrial(
                        codec.program(Stage.ENCODE), List.of("image", "latent", "mean", "log_variance"), codes).measure()
                : new BatchTimes(1, new StepTimes(1, 0, 0)); // of runs that are never asked for
        BatchTimes decodes = new BatchTrial(
                codec.program(Stage.DECODE), List.of("image", "latent", "logits", "log_deviation"), codes).measure();
        this.loaded = loaded;
        this.codec = codec;
        this.info = ModelInfo.serving(bundle, loaded.digest(), decodes.largest());
        this.checks = new LatentChecks(bundle, config);
        this.metrics = new LatentMetrics(meters, info.name(), info.version());
        long atHand = Math.min(Integer.MAX_VALUE, shares * ((long) config.slots() + config.maxQueuedImages()));
        this.lane = new OneShotLane(info, codec, new OneShotAdmission((int) atHand, encodes, decodes), metrics, work);
        lane.start();
    }

    /**
     * Takes the memory of a batch, tries batch sizes and starts the thread. Owns the model, also when it fails.
     *
     * @param shares how many times the images that are configured may be at hand
     */
    static ServedLatentModel start(
            LoadedLatentModel loaded, EngineConfig config, int shares, MeterRegistry meters, OpenWork work)
            throws EngineException {
        long image = (long) ValueGrid.image(loaded.bundle()).values() * Float.BYTES;
        LatentCodec codec = null;
        boolean started = false;
        try {
            codec = loaded.newCodec(BatchTrial.room(image));
            ServedLatentModel model = new ServedLatentModel(loaded, codec, config, shares, meters, work);
            started = true;
            return model;
        } catch (GraphException failed) {
            throw EngineException.caused(
                    Reason.BUNDLE_GRAPH_INVALID, "a graph does not run: " + failed.getMessage(), failed);
        } finally {
            if (!started) {
                if (codec != null) {
                    codec.close();
                }
                loaded.close();
            }
        }
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    /** What runs its encoder and its decoder. */
    OneShotLane lane() {
        return lane;
    }

    @Override
    public EngineException counted(EngineException refusal) {
        metrics.rejected(refusal.reason());
        return refusal;
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        try {
            CheckedRequest checked = checks.check(request);
            return lane.submit(0, checked.count(), checked.count(), checked.deadlineNanos(),
                    (ticket, now) -> new DrawTask(lane, checked, ticket, listener, now));
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        try {
            int label = checks.check(request);
            List<byte[]> images = request.images().stream().map(byte[]::clone).toList();
            int samples = request.importanceSamples().orElse(1);
            return submit(images.size(), images.size() * samples,
                    new BoundTask(label, images, samples, request.seed(), request.deadlineNanos()));
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        try {
            return encode(checks.check(request), request.images(), request.deadlineNanos());
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    /** Encodes images of a request that was checked. */
    CompletableFuture<List<Latent>> encode(int label, List<byte[]> images, long deadlineNanos)
            throws EngineException {
        List<byte[]> copies = images.stream().map(byte[]::clone).toList();
        return submit(copies.size(), 0, new EncodeTask(label, copies, deadlineNanos));
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        try {
            int label = checks.check(request);
            List<Latent> latents = List.copyOf(request.latents());
            return submit(0, latents.size(), new DecodeTask(label, latents, request.deadlineNanos()));
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    private <T> CompletableFuture<List<T>> submit(int encodes, int decodes, AnswerTask<T> task)
            throws EngineException {
        lane.submit(encodes, decodes, task.room(), task.deadlineNanos(), (ticket, now) -> task);
        task.answer().whenComplete((results, failure) -> {
            if (task.answer().isCancelled()) {
                lane.cancel(task);
            }
        });
        return task.answer();
    }

    @Override
    public Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException {
        try {
            int label = checks.check(request);
            return lane.submit(InterpolateTask.encodes(request), request.frames(), 1, request.deadlineNanos(),
                    (ticket, now) -> new InterpolateTask(lane, label, request, listener));
        } catch (EngineException refused) {
            throw counted(refused);
        }
    }

    @Override
    public void close() {
        lane.close();
        codec.close();
        loaded.close();
        metrics.close();
    }
}
