package io.scanline.trainer.export;

import static io.scanline.trainer.ops.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.ops.TorchNumbers;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.training.FeatureDistance;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureBundleTest {
    private static final ImageShape SHAPES = new ImageShape(8, 8, 256, 3);

    @TempDir
    private static Path models;

    private static Recipe.Source source;
    private static FeatureBundle bundle;

    @BeforeAll
    static void write() throws Exception {
        Libtorch.load();
        Recipe.Source classifier = Recipe.load("tiny-vit");
        ImageSet images = new SyntheticShapes(8, 8).draw(40, 1);
        VisionTransformer network = (VisionTransformer) classifier.recipe().network(images);
        new ClassifierExporter(
                        classifier, network, Parameters.initial(network.parameters(), 1), images, 0,
                        Dataset.getDefaultInstance(), 0, 0)
                .export(models, 1, line -> {}, done -> {});
        TinyTokenizer.write(models, 1);
        source = recipe("tiny-vit/1");
        bundle = FeatureBundle.of(source.recipe(), models).orElseThrow();
    }

    private static Recipe.Source recipe(String features) throws IOException {
        return Recipe.parse(Recipe.load("tiny-vqgan").text()
                .replace("  adversary:", "  perception:\n    bundle: " + features + "\n    weight: 1\n  adversary:"));
    }

    @Test
    void numbersOfTheGraphGiveTheFeaturesThatTheGraphGives() throws Exception {
        ImageSet images = new SyntheticShapes(8, 8).draw(5, 7);
        FeatureDistance distance = bundle.distance(SHAPES);
        float[] intensities = new float[images.values().length];
        for (int i = 0; i < intensities.length; i++) {
            intensities[i] = (images.values()[i] & 0xFF) / 255f;
        }
        Tensor tokens = distance.encoder()
                .apply(new TorchOps(distance.frozen().tensors()), torch.tensor(intensities).reshape(5, 1, 8, 8));
        try (VisionSession session = new VisionSession(bundle.stored())) {
            assertClose(
                    TorchNumbers.of(tokens.narrow(1, 0, 1)),
                    session.look(VisionParity.images(images)).get("features"));
        }
    }

    @Test
    void aRecipeWithoutFeaturesNeedsNone() throws IOException {
        assertThat(FeatureBundle.of(Recipe.load("tiny-vqgan").recipe(), models)).isEmpty();
        assertThat(FeatureBundle.of(Recipe.load("tiny-vq").recipe(), models)).isEmpty();
    }

    @Test
    void aMissingBundleIsNamedWithWhatToDo() {
        assertThatThrownBy(() -> FeatureBundle.of(source.recipe(), models.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none/tiny-vit/1");
    }

    @Test
    void imagesOfAnotherShapeAreRefused() {
        assertThatThrownBy(() -> bundle.distance(new ImageShape(8, 8, 4, 256, 3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("8 x 8 x 1")
                .hasMessageContaining("8 x 8 x 4");
    }

    @Test
    void aModelWithoutTokensOfPatchesIsRefused() throws IOException {
        FeatureBundle other = FeatureBundle.of(recipe("tiny-vq/1").recipe(), models).orElseThrow();
        assertThatThrownBy(() -> other.distance(SHAPES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tiny-vq/1 is of the family vq-vae");
    }

    @Test
    void onlyTheBundleThatTheRecipePinsIsTaken() throws IOException {
        Recipe.Source pinned = bundle.pin(source);
        assertThat(pinned.text())
                .contains("    bundle: tiny-vit/1\n    digest: " + bundle.digest() + "\n    weight: 1\n");
        assertThat(bundle.pin(pinned)).isSameAs(pinned);
        assertThat(FeatureBundle.of(pinned.recipe(), models))
                .get()
                .extracting(FeatureBundle::digest)
                .isEqualTo(bundle.digest());
        Recipe.Source another = Recipe.parse(pinned.text().replace(bundle.digest(), "ab".repeat(32)));
        assertThatThrownBy(() -> FeatureBundle.of(another.recipe(), models))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the one that the recipe goes by")
                .hasMessageContaining("ab".repeat(32));
        assertThat(bundle.pin(another).text()).isEqualTo(pinned.text());
    }

    @Test
    void mistakesInARecipeAreNamed() {
        for (List<String> mistake : List.of(
                List.of("bundle: tiny-vit/1", "bundle: tiny-vit", "perception.bundle"),
                List.of("bundle: tiny-vit/1", "digest: aa\n    bundle: tiny-vit/1", "perception.digest"),
                List.of("weight: 1\n", "weight: 0\n", "perception.weight"))) {
            assertThatThrownBy(() -> Recipe.parse(source.text().replace(mistake.get(0), mistake.get(1))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(mistake.get(2));
        }
    }
}
