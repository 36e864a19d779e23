package io.scanline.server.engine;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.runtime.Compute;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Engines over the test bundle, and requests to them. */
final class TinyEngine {
    /** Of models by themselves: more than most machines that run tests have. */
    static final int THREADS = 3;

    private TinyEngine() {}

    static DecodingEngine open(int slots, int maxQueued, int threads) {
        EngineConfig config = new EngineConfig(TinyBundle.repository(), slots, maxQueued, 16, threads, 256L << 20);
        return DecodingEngine.open(config, new SimpleMeterRegistry());
    }

    static int steps() {
        return steps(TinyBundle.NAME);
    }

    static int steps(String model) {
        return TinyBundle.verified(model).bundle().getAutoregression().getSteps();
    }

    /** Class index, wrapped to those that the bundle has; none when it has none. */
    static ClassSelector label(int index) {
        return label(TinyBundle.NAME, index);
    }

    static ClassSelector label(String model, int index) {
        int classes = TinyBundle.verified(model).bundle().getConditioning().getClassNamesCount();
        return classes == 0 ? ClassSelector.NONE : new ClassSelector(OptionalInt.of(index % classes), "");
    }

    /** Texts and ways to be guided by them, of a model that reads texts; none of another one. */
    static PromptOptions prompt(String model, int which) {
        List<PromptOptions> prompts = List.of(
                PromptOptions.of("a red cat on the moon", 1), PromptOptions.of("big blue dog", 3),
                PromptOptions.of("", 2), PromptOptions.of("zebra", 0), PromptOptions.of("the sun, small!", 7.5f));
        return TinyBundle.verified(model).bundle().hasTextInput()
                ? prompts.get(Math.floorMod(which, prompts.size())) : PromptOptions.NONE;
    }

    static GenerationRequest request(int label, long seed, int count, SamplingOptions sampling, byte... prefix) {
        return request(TinyBundle.NAME, label, seed, count, sampling, prefix);
    }

    static GenerationRequest request(
            String model, int label, long seed, int count, SamplingOptions sampling, byte... prefix) {
        return new GenerationRequest(
                model, "", label(model, label), OptionalLong.of(seed), count, sampling, prefix, Long.MAX_VALUE)
                .prompted(prompt(model, label));
    }

    /** The same in int8 where the model has it. */
    static GenerationRequest int8(GenerationRequest request) {
        return TinyBundle.verified(request.model()).stepVariants().contains("int8") ? request.in("int8") : request;
    }

    /** Loads a model, in int8 where it has that. */
    static LoadedModel load(String model) throws EngineException {
        return load(model, THREADS);
    }

    /** The same with so many threads. */
    static LoadedModel load(String model, int threads) throws EngineException {
        VerifiedBundle verified = TinyBundle.verified(model);
        LoadedModel fp32 = LoadedModel.load(verified, threads);
        if (!verified.stepVariants().contains("int8")) {
            return fp32;
        }
        try (fp32) { // no text is read
            return LoadedModel.variant(verified, "int8", fp32, Compute.cpu(threads));
        }
    }

    static GenerationRequest request(int label, long seed, int count) {
        return request(label, seed, count, SamplingOptions.NEUTRAL);
    }

    /** Makes images and waits for them. */
    static Generation make(ImageEngine engine, GenerationRequest request) throws EngineException {
        Generation generation = engine.generate(request, () -> {});
        Await.end(generation);
        if (generation.failure().isPresent()) {
            throw generation.failure().get();
        }
        return generation;
    }

    /** Values decided of an image, or codes of one that is made of codes. */
    static int drawn(ImageProgress image) {
        return image.codes().map(CodeProgress::decided).orElseGet(image::decided);
    }

    /** The values that were drawn for an image, or the codes. */
    static byte[] drawn(Generation generation, int image) {
        ImageProgress progress = generation.images().get(image);
        return progress.codes()
                .map(codes -> codes.codes(0, codes.decided()))
                .orElseGet(() -> values(generation, image));
    }

    static byte[] values(Generation generation, int image) {
        ImageProgress progress = generation.images().get(image);
        return progress.values(0, progress.decided());
    }
}
