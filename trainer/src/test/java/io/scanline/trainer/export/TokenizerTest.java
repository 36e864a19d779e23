package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.ops.Libtorch;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
    @TempDir
    private static Path models;

    private static Recipe.Source source;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void write() throws Exception {
        Libtorch.load();
        source = Recipe.load("tiny-prior");
        tokenizer = TinyTokenizer.of(source.recipe(), models, 1);
    }

    @Test
    void codesAreTheEncodersAnswerWhateverTheThreads() throws Exception {
        ImageSet images = new SyntheticShapes(8, 8).draw(107, 3);
        AtomicInteger last = new AtomicInteger();
        ImageSet codes = new CodeGrids(tokenizer.stored(), 1).of(images, done -> {});
        ImageSet again = new CodeGrids(tokenizer.stored(), 3).of(images, last::set);
        assertThat(again.values()).isEqualTo(codes.values());
        assertThat(last).hasValue(107);
        assertThat(codes.labels()).isEqualTo(images.labels());
        assertThat(codes.classNames()).isEqualTo(images.classNames());
        assertThat(List.of(codes.width(), codes.height(), codes.channels(), codes.levels()))
                .containsExactly(4, 4, 1, 8);
        assertThat(codes.values()).contains((byte) 1).doesNotContain((byte) -1);
        try (LatentSession session = new LatentSession(tokenizer.stored())) {
            for (int n = 0; n < images.size(); n += 53) {
                float[] answer = session.encode(List.of(images.image(n))).get("tokens");
                byte[] grid = codes.image(n);
                for (int i = 0; i < grid.length; i++) {
                    assertThat((int) grid[i]).isEqualTo((int) answer[i]);
                }
            }
        }
    }

    @Test
    void imagesOfAnotherSizeAreRefused() {
        CodeGrids grids = new CodeGrids(tokenizer.stored(), 1);
        assertThatThrownBy(() -> grids.of(new SyntheticShapes(8, 4).draw(1, 1), done -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("8 x 8 x 1")
                .hasMessageContaining("8 x 4 x 1");
    }

    @Test
    void aMissingTokenizerIsNamedWithWhatToDo() {
        assertThatThrownBy(() -> Tokenizer.of(source.recipe(), models.resolve("none")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tiny-vq/1")
                .hasMessageContaining("--models");
    }

    @Test
    void onlyTheBundleThatTheRecipePinsIsTaken(@TempDir Path others) throws Exception {
        Recipe pinned = source.withTokenizer(tokenizer.digest()).recipe();
        assertThat(Tokenizer.of(pinned, models).digest()).isEqualTo(tokenizer.digest());
        TinyTokenizer.write(others, 2);
        assertThat(Tokenizer.of(source.recipe(), others).digest()).isNotEqualTo(tokenizer.digest());
        assertThatThrownBy(() -> Tokenizer.of(pinned, others))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not the one that the prior was trained on")
                .hasMessageContaining(tokenizer.digest());
    }

    @Test
    void otherCodesThanTheRecipesAreRefused() throws IOException {
        Recipe other = Recipe.parse(source.text().replace("levels: 8", "levels: 9")).recipe();
        assertThatThrownBy(() -> Tokenizer.of(other, models))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("8 codes")
                .hasMessageContaining("levels: 9");
    }

    @Test
    void aModelWithoutCodesIsNoTokenizer() throws IOException {
        Path autoencoder = Path.of("..", "deploy", "models");
        assertThat(autoencoder.resolve("ae-linear-mnist/1/bundle.json")).isRegularFile();
        Recipe other = Recipe.parse(source.text().replace("tiny-vq/1", "ae-linear-mnist/1")).recipe();
        assertThatThrownBy(() -> Tokenizer.of(other, autoencoder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ae-linear-mnist/1 is of the family autoencoder");
    }

    @Test
    void aDigestIsWrittenIntoTheTextOnceAndReplacesAnother() throws IOException {
        String digest = "ab".repeat(32);
        Recipe.Source pinned = source.withTokenizer("cd".repeat(32)).withTokenizer(digest);
        assertThat(pinned.text()).contains("tokenizer: tiny-vq/1\ntokenizerDigest: " + digest + "\n");
        assertThat(pinned.text().lines()).hasSize((int) source.text().lines().count() + 1);
        assertThat(pinned.withTokenizer(digest)).isSameAs(pinned);
    }
}
