package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmojiCaptionsTest {
    private static final String LIST = """
            file\tsplit\tcaption\tconcept\tgroup\tkeywords
            noto/1.png\ttrain\thand\thand\tPeople\twave, hello
            noto/2.png\ttrain\thand, dark skin tone\thand\tPeople\twave, hello
            noto/3.png\tvalidation\tdog\tdog\tAnimals\tpet
            blob/3.png\tvalidation\tdog\tdog\tAnimals\tpet
            blob/4.png\tvalidation\tcook, dark skin tone\tcook\tPeople\t
            fluent/1.png\ttrain\thand\thand\tPeople\twave, hello
            fluent/2.png\ttrain\thand, dark skin tone\thand\tPeople\twave, hello
            fluent/3.png\tvalidation\tdog\tdog\tAnimals\tpet
            fluent/5.png\ttrain\tcar\tcar\tTravel\tride
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void draw() throws IOException {
        Files.writeString(folder.resolve("captions.tsv"), LIST);
        for (String style : List.of("noto", "blob", "fluent")) {
            Drawings.zip(folder.resolve(style + ".zip"), Map.of(
                    style + "/1.png", picture(0xFFFF0000),
                    style + "/2.png", picture(0xFF00FF00),
                    style + "/3.png", picture(0xFF0000FF),
                    style + "/4.png", picture(0xFFFFFF00),
                    style + "/5.png", picture(0xFF00FFFF)));
        }
    }

    private static byte[] picture(int argb) throws IOException {
        return Drawings.encode(Drawings.plain(72, 72, argb), "png");
    }

    private CaptionedImages load(String unseen) throws IOException {
        return EmojiCaptions.of(
                        new EmojiDataSet("three", List.of(EmojiStyle.BLOB, EmojiStyle.FLUENT, EmojiStyle.NOTO)), unseen)
                .load(folder);
    }

    @Test
    void testImagesAreOneOfEachConceptAndTrainingImagesAll() throws IOException {
        CaptionedImages images = load("fluent");
        assertThat(images.of(images.images().training())).extracting(Caption::text)
                .containsExactly("hand", "hand, dark skin tone");
        assertThat(images.of(images.images().test())).singleElement()
                .isEqualTo(new Caption(List.of("dog"), List.of("pet"), "blob", "dog"));
        assertThat(images.images().training().image(0)).startsWith(-1, 0, 0, -1);
        assertThat(images.captions().get(images.images().training().labels()[0]).keywords())
                .containsExactly("wave", "hello");
    }

    @Test
    void onlyChosenStylesAreLearnedAndTested() throws IOException {
        CaptionedImages images = EmojiCaptions.of(
                        new EmojiDataSet("three", List.of(EmojiStyle.values())), null, List.of("noto"))
                .load(folder);
        assertThat(images.captions()).extracting(Caption::style).containsOnly("noto");
        assertThat(images.images().training().size()).isEqualTo(2);
        assertThat(images.of(images.images().test())).extracting(Caption::text).containsExactly("dog");
        EmojiDataSet all = new EmojiDataSet("three", List.of(EmojiStyle.values()));
        assertThatThrownBy(() -> EmojiCaptions.of(all, null, List.of("oil")))
                .hasMessageContaining("no style oil")
                .hasMessageContaining("twemoji");
    }

    @Test
    void unseenStyleShowsConceptsThatWereLearnedInOthers() throws IOException {
        CaptionedImages images = load("fluent");
        assertThat(images.of(images.unseenStyle().orElseThrow())).singleElement()
                .isEqualTo(new Caption(List.of("hand"), List.of("wave", "hello"), "fluent", "hand"));
        assertThat(images.captions()).filteredOn(caption -> caption.style().equals("fluent")).hasSize(1);

        CaptionedImages all = load(null);
        assertThat(all.unseenStyle()).isEmpty();
        assertThat(all.of(all.images().training())).extracting(Caption::text).contains("car");
    }

    @Test
    void unknownStyleIsNamed() {
        assertThatThrownBy(() -> load("cubist"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no style cubist; there are blob, fluent, noto, twemoji");
    }
}
