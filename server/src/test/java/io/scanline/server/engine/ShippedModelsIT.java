package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.server.e2e.ServerProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What {@link BatchCompositionTest} shows on a tiny model, on those that we ship: other sizes take other kernels. */
class ShippedModelsIT {
    private static final Path MODELS = ServerProcess.SHIPPED_MODELS;
    private static final int MATES = 15;
    private static final int WATCHED = 1;
    private static final int GUESSED = 6;
    private static final int WINDOWS = 60;
    private static final List<String> PROMPTS = List.of("red heart", "angry face", "", "flag France");

    @Test
    void imageIsTheSameAloneAndAmongFifteenOthersWithOneThreadOrTwoAndAfterARestart() throws Exception {
        List<ModelInfo> models;
        List<List<byte[]>> alone = new ArrayList<>();
        try (DecodingEngine engine = open(2, 1)) { // what is guided takes two slots
            assertThat(engine.models()).isNotEmpty().allMatch(ModelInfo::serving);
            models = engine.models().stream().filter(ModelInfo::autoregressive).toList();
            assertThat(models).isNotEmpty();
            for (ModelInfo model : models) {
                alone.add(images(make(engine, request(model, new Random(1), WATCHED))));
            }
        }
        for (int threads : new int[] {1, 2}) {
            try (DecodingEngine engine = open(16, threads)) {
                for (int i = 0; i < models.size(); i++) {
                    assertThat(amongMates(engine, models.get(i), new Random(threads)))
                            .as(models.get(i).name() + " with " + threads + " threads")
                            .containsExactlyElementsOf(alone.get(i));
                }
            }
        }
    }

    @Test
    void imagesAreTheSameWithGuessingAndWithout() throws Exception {
        EngineConfig config = new EngineConfig(MODELS, 4, 64, 16, 2, 256L << 20);
        try (DecodingEngine guessing = DecodingEngine.open(config.guessing(GuessMode.AUTO), new SimpleMeterRegistry());
                DecodingEngine plain = DecodingEngine.open(config.guessing(GuessMode.OFF), new SimpleMeterRegistry())) {
            for (ModelInfo model : guessing.models()) {
                if (model.bundle().orElseThrow().hasDraft()) {
                    for (int seed = 0; seed < GUESSED; seed++) {
                        assertThat(images(make(guessing, request(model, new Random(seed), 1 + seed % 3))))
                                .as("%s, seed %d", model.name(), seed)
                                .containsExactlyElementsOf(
                                        images(make(plain, request(model, new Random(seed), 1 + seed % 3))));
                    }
                }
            }
        }
    }

    /** As {@link #imagesAreTheSameWithGuessingAndWithout}, but where guesses are wrong and whatever windows pay. */
    @Test
    void windowsGiveTheLogitsOfStepsBitForBitButForKeysAndValues() throws Exception {
        List<String> drafted = new ArrayList<>();
        try (DecodingEngine engine = open(1, 1)) {
            engine.models().stream()
                    .filter(model -> model.bundle().orElseThrow().hasDraft())
                    .forEach(model -> drafted.add(model.name()));
        }
        assertThat(drafted).isNotEmpty();
        for (String name : drafted) {
            VerifiedBundle bundle = BundleReader.read(MODELS.resolve(name).resolve("1"), 256L << 20);
            try (LoadedVariants variants = LoadedVariants.load(bundle, 2)) {
                for (LoadedModel variant : variants.all()) {
                    WindowLogits.compare(variant, new Random(5), WINDOWS);
                }
            }
        }
    }

    /** The mates join one after another, some before the watched image and some while it grows; some leave early. */
    private static List<byte[]> amongMates(DecodingEngine engine, ModelInfo model, Random random) throws Exception {
        List<Generation> mates = new ArrayList<>();
        Generation watched = null;
        for (int mate = 0; mate < MATES; mate++) {
            if (mate == MATES / 3) {
                watched = engine.generate(request(model, new Random(1), WATCHED), () -> {});
            }
            Generation joined = engine.generate(request(model, random, 1), () -> {});
            mates.add(joined);
            int some = Math.min(1 + random.nextInt(20), model.steps());
            Await.until("the mate has some values", () -> TinyEngine.drawn(joined.images().get(0)) >= some);
            if (random.nextInt(4) == 0) {
                joined.cancel();
            }
        }
        Await.end(watched);
        mates.forEach(Generation::cancel);
        return images(watched);
    }

    private static DecodingEngine open(int slots, int threads) {
        return DecodingEngine.open(
                new EngineConfig(MODELS, slots, 64, 16, threads, 256L << 20), new SimpleMeterRegistry());
    }

    private static Generation make(DecodingEngine engine, GenerationRequest request) throws Exception {
        Generation generation = engine.generate(request, () -> {});
        Await.end(generation);
        return generation;
    }

    private static GenerationRequest request(ModelInfo model, Random random, int count) {
        int classes = model.bundle().orElseThrow().getConditioning().getClassNamesCount();
        ClassSelector label =
                classes == 0 ? ClassSelector.NONE : new ClassSelector(OptionalInt.of(random.nextInt(classes)), "");
        GenerationRequest request = new GenerationRequest(
                model.name(), model.version(), label, OptionalLong.of(random.nextLong()), count,
                SamplingOptions.NEUTRAL, new byte[0], Long.MAX_VALUE)
                .in(model.precisions().get(random.nextInt(model.precisions().size())));
        return model.prompt().isPresent()
                ? request.prompted(PromptOptions.of(PROMPTS.get(random.nextInt(PROMPTS.size()))))
                : request;
    }

    private static List<byte[]> images(Generation generation) {
        assertThat(generation.failure()).isEmpty();
        return generation.images().stream()
                .map(image -> image.values(0, image.decided()))
                .toList();
    }
}
