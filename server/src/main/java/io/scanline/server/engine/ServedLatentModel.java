package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.server.engine.OneShotAdmission.BatchTimes;
import io.scanline.server.engine.OneShotTask.Stage;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Encoder and decoder that serve, of a model that makes an image at once: its checks and its lane. */
final class ServedLatentModel extends OneLaneModel {
    private final LatentChecks checks;
    private final OneShotLane lane;

    private ServedLatentModel(
            LoadedLatentModel loaded, LatentCodec codec, OneShotLane lane, LatentMetrics metrics, LatentChecks checks) {
        super(lane.model(), metrics, lane, codec, loaded);
        this.checks = checks;
        this.lane = lane;
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
        Bundle bundle = loaded.bundle();
        long image = (long) ValueGrid.image(bundle).values() * Float.BYTES;
        long atHand = Math.min(Integer.MAX_VALUE, shares * ((long) config.slots() + config.maxQueuedImages()));
        return start(loaded, () -> loaded.newCodec(BatchTrial.room(image)), codec -> {
            int codes = bundle.getLatent().getCodes();
            BatchTimes encodes = codec.encodes()
                    ? new BatchTrial(
                            codec.program(Stage.ENCODE), List.of("image", "latent", "mean", "log_variance"), codes)
                            .measure()
                    : new BatchTimes(1, new StepTimes(1, 0, 0)); // of runs that are never asked for
            BatchTimes decodes = new BatchTrial(
                    codec.program(Stage.DECODE), List.of("image", "latent", "logits", "log_deviation"), codes)
                    .measure();
            ModelInfo info = ModelInfo.serving(bundle, loaded.digest(), decodes.largest());
            LatentMetrics metrics = new LatentMetrics(meters, info.name(), info.version());
            OneShotLane lane =
                    new OneShotLane(info, codec, new OneShotAdmission((int) atHand, encodes, decodes), metrics, work);
            return new ServedLatentModel(loaded, codec, lane, metrics, new LatentChecks(bundle, config));
        });
    }

    /** What runs its encoder and its decoder. */
    OneShotLane lane() {
        return lane;
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        return counted(() -> {
            CheckedRequest checked = checks.check(request);
            return lane.submit(0, checked.count(), checked.count(), checked.deadlineNanos(),
                    (ticket, now) -> new DrawTask(lane, checked, ticket, listener, now));
        });
    }

    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        return counted(() -> {
            int label = checks.check(request);
            List<byte[]> images = request.images().stream().map(byte[]::clone).toList();
            int samples = request.importanceSamples().orElse(1);
            return submit(images.size(), images.size() * samples,
                    new BoundTask(label, images, samples, request.seed(), request.deadlineNanos()));
        });
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        return counted(() -> encode(checks.check(request), request.images(), request.deadlineNanos()));
    }

    /** Encodes images of a request that was checked. */
    CompletableFuture<List<Latent>> encode(int label, List<byte[]> images, long deadlineNanos)
            throws EngineException {
        List<byte[]> copies = images.stream().map(byte[]::clone).toList();
        return submit(copies.size(), 0, new EncodeTask(label, copies, deadlineNanos));
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        return counted(() -> {
            int label = checks.check(request);
            List<Latent> latents = List.copyOf(request.latents());
            return submit(0, latents.size(), new DecodeTask(label, latents, request.deadlineNanos()));
        });
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
        return counted(() -> {
            int label = checks.check(request);
            return lane.submit(InterpolateTask.encodes(request), request.frames(), 1, request.deadlineNanos(),
                    (ticket, now) -> new InterpolateTask(lane, label, request, listener));
        });
    }
}
