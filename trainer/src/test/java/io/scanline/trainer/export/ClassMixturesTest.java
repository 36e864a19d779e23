package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of latents that are made up, and a VAE that was never trained. */
class ClassMixturesTest {
    private static final int WIDTH = 4;

    @TempDir
    private static Path models;

    private static ImageSet images;
    private static LatentSession session;
    private static float[] latents;

    @BeforeAll
    static void write() throws Exception {
        Libtorch.load();
        Recipe.Source source = Recipe.load("tiny-vae");
        images = source.recipe().discretiser().fixed(new SyntheticShapes(8, 8).draw(120, 1));
        LatentNetwork network = (LatentNetwork) source.recipe().network(images);
        Path bundle = new LatentExporter(
                        source, network, Parameters.initial(network.parameters(), 1),
                        new TrainTest(images, images.first(20)), Dataset.getDefaultInstance(), 0, 0)
                .export(models, 1, line -> {}, done -> {});
        session = new LatentSession(StoredBundle.read(bundle));
        Random random = new Random(1);
        latents = new float[images.size() * WIDTH];
        for (int i = 0; i < latents.length; i++) {
            latents[i] = (float) (10 * images.labels()[i / WIDTH] + 0.1 * random.nextGaussian());
        }
    }

    @AfterAll
    static void close() throws Exception {
        session.close();
    }

    @Test
    void drawsAreLikeTheLatentsOfTheirClassAndTheSameForASeed() throws IOException {
        ClassMixtures mixtures = ClassMixtures.fit(session, latents, images, 2, 1);
        assertThat(mixtures.classNames()).isEqualTo(images.classNames());
        for (int label = 0; label < 3; label++) {
            for (int n = 0; n < 20; n++) {
                float[] drawn = mixtures.draw(label, 5, n);
                assertThat(drawn).hasSize(WIDTH).containsExactly(mixtures.draw(label, 5, n));
                for (float number : drawn) {
                    assertThat(number).isCloseTo(10f * label, within(0.7f));
                }
            }
        }
        assertThat(mixtures.draw(0, 5, 0)).isNotEqualTo(mixtures.draw(0, 6, 0)).isNotEqualTo(mixtures.draw(0, 5, 1));
    }

    @Test
    void classesWithFewImagesGetFewComponents() {
        assertThat(ClassMixtures.components(1000, 64, 10)).isEqualTo(7);
        assertThat(ClassMixtures.components(10_000, 64, 10)).isEqualTo(10);
        assertThat(ClassMixtures.components(3, 64, 10)).isEqualTo(1);
    }

    @Test
    void aClassWithoutImagesIsNamed() {
        int[] squares = IntStream.range(0, images.size())
                .filter(n -> images.labels()[n] == 2)
                .toArray();
        assertThatThrownBy(() -> ClassMixtures.fit(
                        session, new float[squares.length * WIDTH], images.select(squares), 1, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(images.classNames().get(0));
    }
}
