package io.scanline.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.data.Binariser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
    @Test
    void builtInRecipesAreValidAndDescribed() throws IOException {
        for (String name : Recipe.builtIn()) {
            Recipe.Source source = Recipe.load(name);
            assertThat(source.recipe().name()).isEqualTo(name);
            assertThat(source.description()).isNotBlank();
        }
    }

    @Test
    void fileIsReadLikeABuiltInOne(@TempDir Path directory) throws IOException {
        Recipe.Source tiny = Recipe.load("tiny");
        Path file = Files.writeString(directory.resolve("mine.yaml"), tiny.text());
        assertThat(Recipe.load(file.toString())).isEqualTo(tiny);
    }

    @ParameterizedTest
    @CsvSource({
        "'batch: 16', 'batch: 15', workers",
        "'levels: 4', 'levels: 1', levels",
        "'levels: 4', 'levels: many', levels",
        "'heads: 2', 'heads: 3', heads",
        "'windows: [16, 0]', 'windows: []', windows",
        "'windows: [16, 0]', '', a neighbourhood",
        "'windows: [16, 0]', 'windows: [16, 0]\n  neighbourhood: {rows: 2, columns: 3}', not both",
        "'windows: [16, 0]', 'neighbourhood: {rows: 9, columns: 14}', '275: fewer'",
        "'windows: [16, 0]', 'neighbourhood: {rows: 0, columns: 3}', 1 to 64",
        "'windows: [16, 0]', 'neighbourhood: {rows: 2}', neighbourhood.columns",
        "'  seed: 1', '', training.seed",
        "'name: tiny', 'name: Tiny!', name",
        "'family: image-transformer', 'family: pixel-snail', image-transformer",
        "'reach: 1', 'reach: 1\n  rech: 2', rech",
        "'levels: 4', 'levels: 4\nbinarise: dynamic', 'levels: 2'",
        "'levels: 4', 'levels: 2\nbinarise: threshold', threshold",
    })
    void mistakeIsNamed(String right, String wrong, String named) throws IOException {
        String text = Recipe.load("tiny").text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({
        "tiny-prior, 'tokenizer: tiny-vq/1', '', tokenizer",
        "tiny-prior, 'tokenizer: tiny-vq/1', 'tokenizer: tiny-vq', NAME/VERSION",
        "tiny-prior, 'tokenizer: tiny-vq/1', 'tokenizer: ../x/1', NAME/VERSION",
        "tiny-prior, 'levels: 8', 'tokenizerDigest: 12\nlevels: 8', tokenizerDigest",
        "tiny-prior, 'levels: 8', 'levels: 2\nbinarise: dynamic', binarise",
        "tiny-prior, 'heads: 2', 'heads: 3', heads",
        "tiny, 'levels: 4', 'levels: 4\ntokenizer: tiny-vq/1', image-transformer",
    })
    void mistakeAboutTokenizersIsNamed(String recipe, String right, String wrong, String named) throws IOException {
        String text = Recipe.load(recipe).text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({
        "tiny-text-prior, 'tokenizer: tiny-shapes-vq/1', '', tokenizer",
        "tiny-text-prior, 'dropout: 0.1', 'dropout: 1.0', a dropout",
        "tiny-text-prior, '  dropout: 0.1', '', dropout",
        "tiny-text-prior, 'dropped: 0.1', 'dropped: 1.0', dropped captions",
        "tiny-text-prior, '  dropped: 0.1', '', dropped captions for guidance",
        "tiny-text-prior, 'guidance: 2.0', 'guidance: 21', a guidance",
        "tiny-text-prior, 'guidance: 2.0', 'styles: []', styles",
        "tiny-text-prior, 'context: 16', 'context: 1', text.context",
        "tiny-captioner, 'bundle: tiny-clip/1', 'bundle: tiny-clip', vision.bundle",
        "tiny-captioner, '      heads: 2', '      heads: 3', vision.encoder.width",
        "tiny-captioner, 'dropout: 0.1', 'dropout: 1.0', a dropout",
        "tiny-captioner, 'alignment: 30', 'alignment: -1', an alignment",
        "tiny-captioner, 'keywords: 0', 'keywords: 0\n  guidance: 2', models that draw",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  dropped: 0.1', models that draw",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  guidance: 2', models that draw",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  rivals: 65', captions.rivals from 0 to 64",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  rivals: -1', captions.rivals from 0 to 64",
        "tiny-captioner, 'keywords: 0', 'keywords: 0\n  rivals: 4', no captions.rivals for a captioner",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  drawings: 0', 'captions.drawings of captioned-shapes only, from 1 to 1000'",
        "tiny-clip, 'keywords: 0', 'keywords: 0\n  drawings: 1001', 'captions.drawings of captioned-shapes only'",
        "clip-emoji, 'keywords: 0.1', 'keywords: 0.1\n  drawings: 12', 'captions.drawings of captioned-shapes only'",
    })
    void mistakeAboutCaptionsIsNamed(String recipe, String right, String wrong, String named) throws IOException {
        String text = Recipe.load(recipe).text();
        assertThat(text).contains(right);
        assertThatThrownBy(() -> Recipe.parse(text.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(named);
    }

    @Test
    void binaryImagesAreNeverThresholded() throws IOException {
        String text = Recipe.load("tiny").text().replace("dataset: shapes", "dataset: mnist").replace("levels: 4", "levels: 2");
        assertThatThrownBy(() -> Recipe.parse(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("binarise: dynamic");
        assertThat(Recipe.parse(text + "binarise: dynamic\n").recipe().discretiser()).isEqualTo(new Binariser(1));
    }

    @Test
    void unknownNameListsTheRecipes() {
        assertThatThrownBy(() -> Recipe.load("nothing"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nothing")
                .hasMessageContaining("tiny");
    }

    @Test
    void expectationsAreReadAndDecideNothing() throws IOException {
        String text = Recipe.load("tiny").text();
        Recipe.Source expecting = Recipe.parse(text + "expected:\n  minutes: 2.5\n  figure: 0.2 bits/dim\n");
        assertThat(expecting.expected()).isEqualTo(new Expectation(2.5, "0.2 bits/dim"));
        assertThat(expecting.recipe()).isEqualTo(Recipe.parse(text).recipe());
        assertThat(Recipe.parse(text).expected()).isEqualTo(Expectation.NONE);
        assertThatThrownBy(() -> Recipe.parse(text + "expected: {minutes: 0}\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("minutes");
        assertThatThrownBy(() -> Recipe.parse(text + "expected: {hours: 1}\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("hours");
    }

    @Test
    void sizeOfOwnImagesIsWrittenIntoTheRecipe() throws IOException {
        Recipe.Source own = Recipe.load("vae").withOwnImages(24);
        assertThat(own.recipe().dataset()).isEqualTo("images");
        assertThat(own.recipe().size()).isEqualTo(24);
        assertThat(own.withOwnImages(16).text()).isEqualTo(Recipe.load("vae").withOwnImages(16).text());
        assertThat(Recipe.load("vae-fashion").withOwnImages(32).recipe().size()).isEqualTo(32);
        assertThatThrownBy(() -> own.withOwnImages(3)).isInstanceOf(IOException.class).hasMessageContaining("size");
        assertThatThrownBy(() -> Recipe.parse(Recipe.load("tiny").text() + "size: 32\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("images");
    }
}
