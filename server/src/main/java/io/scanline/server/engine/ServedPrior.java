package io.scanline.server.engine;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A prior over codes that serves: a model that draws codes as others draw values, and one that makes images of them. */
final class ServedPrior implements Serving {
    private final ServedModel codes;
    private final ServedLatentModel images;

    private ServedPrior(ServedModel codes, ServedLatentModel images) {
        this.codes = codes;
        this.images = images;
    }

    /** Loads and starts what makes images, beside what draws codes. Owns the latter, also when it fails. */
    static ServedPrior start(
            ServedModel codes, VerifiedBundle verified, EngineConfig config, MeterRegistry meters, OpenWork work)
            throws EngineException {
        boolean started = false;
        try {
            LoadedLatentModel loaded = LoadedLatentModel.load(verified, config.compute());
            // As many images as are drawn or wait for it, and as many again that are only encoded or decoded.
            ServedLatentModel images = ServedLatentModel.start(loaded, config, 2, meters, work);
            started = true;
            return new ServedPrior(codes, images);
        } finally {
            if (!started) {
                codes.close();
            }
        }
    }

    @Override
    public ModelInfo info() {
        return codes.info();
    }

    @Override
    public EngineException counted(EngineException refusal) {
        return codes.counted(refusal);
    }

    @Override
    public Generation generate(GenerationRequest request, ProgressListener listener) throws EngineException {
        return counted(() -> generate(check(request), 0, listener));
    }

    CheckedRequest check(GenerationRequest request) throws EngineException {
        return codes.checks().check(request);
    }

    /**
     * Makes the images of a request that was checked.
     *
     * @param nanosAfter time that the request takes once its last image is there
     */
    PriorTask generate(CheckedRequest checked, long nanosAfter, ProgressListener listener) throws EngineException {
        PriorTask task = images.lane().submit(0, checked.count(), checked.count(), checked.deadlineNanos(),
                (ticket, now) -> new PriorTask(images.lane(), checked, ticket, listener, now));
        task.draw(codes.lane(checked.precision()), nanosAfter);
        return task;
    }

    /** Both parts admit the images before the first is encoded, so that a drain waits for all of it. */
    @Override
    public CompletableFuture<List<ImageScore>> score(ScoreRequest request) throws EngineException {
        return counted(() -> {
            int label = codes.checks().check(request);
            Optional<CheckedPrompt> prompt = codes.checks().prompt(request);
            Scorer scorer = codes.scorer(codes.checks().precision(request.precision()));
            CompletableFuture<List<Latent>> encoded =
                    images.encode(label, request.images(), request.deadlineNanos());
            boolean admitted = false;
            try {
                CompletableFuture<List<ImageScore>> answer = scorer.submit(
                        label, prompt, request.images().size(), codes(encoded), request.deadlineNanos());
                answer.whenComplete((scores, failure) -> encoded.cancel(true)); // nothing if it is done
                admitted = true;
                return answer;
            } finally {
                if (!admitted) {
                    encoded.cancel(true);
                }
            }
        });
    }

    /** As codes are drawn and scored. Fails with the very failure of the encoder. */
    private static CompletableFuture<List<byte[]>> codes(CompletableFuture<List<Latent>> encoded) {
        CompletableFuture<List<byte[]>> codes = new CompletableFuture<>();
        encoded.whenComplete((latents, failure) -> {
            if (failure == null) {
                codes.complete(latents.stream().map(latent -> ((Latent.Tokens) latent).toBytes()).toList());
            } else {
                codes.completeExceptionally(failure);
            }
        });
        return codes;
    }

    @Override
    public CompletableFuture<List<Latent>> encode(EncodeRequest request) throws EngineException {
        return images.encode(request);
    }

    @Override
    public CompletableFuture<List<byte[]>> decode(DecodeRequest request) throws EngineException {
        return images.decode(request);
    }

    @Override
    public Interpolation interpolate(InterpolationRequest request, ProgressListener listener) throws EngineException {
        return images.interpolate(request, listener);
    }

    @Override
    public void close() {
        codes.close();
        images.close();
    }
}
