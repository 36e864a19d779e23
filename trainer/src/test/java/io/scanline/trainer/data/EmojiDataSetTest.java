package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmojiDataSetTest {
    private static final String HEADER = "file\tsplit\tcaption\tconcept\tgroup\tkeywords\n";
    private static final String ROWS = """
            noto/1.png\ttrain\tred apple\tapple\tFood\tfruit
            blob/1.png\ttrain\tred apple\tapple\tFood\tfruit
            noto/2.png\tvalidation\tdog\tdog\tAnimals\tpet
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void draw() throws IOException {
        Drawings.zip(folder.resolve("noto.zip"), Map.of(
                "noto/1.png", Drawings.encode(Drawings.plain(72, 72, 0xFFFF0000), "png"),
                "noto/2.png", Drawings.encode(Drawings.plain(72, 72, 0x80FF0000), "png")));
        Drawings.zip(folder.resolve("blob.zip"), Map.of(
                "blob/1.png", Drawings.encode(Drawings.plain(72, 72, 0xFF00FF00), "png")));
        list(ROWS);
    }

    private void list(String rows) throws IOException {
        Files.writeString(folder.resolve("captions.tsv"), HEADER + rows);
    }

    @Test
    void splitIsThatOfTheFileAndGroupsAreClasses() throws IOException {
        TrainTest images = new EmojiDataSet("two", List.of(EmojiStyle.BLOB, EmojiStyle.NOTO)).load(folder);

        assertThat(images.training().size()).isEqualTo(2);
        assertThat(images.test().size()).isEqualTo(1);
        assertThat(images.training().width()).isEqualTo(32);
        assertThat(images.training().channels()).isEqualTo(4);
        assertThat(images.training().classNames()).containsExactly("Animals", "Food");
        assertThat(images.training().className(1)).isEqualTo("Food");
        assertThat(images.test().className(0)).isEqualTo("Animals");
        assertThat(images.test().image(0)).startsWith(-1, 0, 0, 128);
    }

    @Test
    void oneStyleTakesItsOwnDrawingsAndNeedsNoOtherArchive() throws IOException {
        Files.delete(folder.resolve("blob.zip"));
        EmojiDataSet noto = (EmojiDataSet) DataSets.named("emoji-noto");

        TrainTest images = noto.load(folder);

        assertThat(images.training().size()).isEqualTo(1);
        assertThat(images.training().image(0)).startsWith(-1, 0, 0, -1);
        assertThat(images.training().classNames()).containsExactly("Animals", "Food");
        assertThatThrownBy(() -> DataSets.named("emoji").load(folder)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void conceptOnBothSidesIsRefused() throws IOException {
        list(ROWS + "blob/2.png\tvalidation\tred apple\tapple\tFood\tfruit\n");

        assertThatThrownBy(() -> DataSets.named("emoji-noto").load(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 5: the concept apple is on both sides of the split");
    }

    @Test
    void brokenListsAndArchivesAreNamed() throws IOException {
        list("noto/1.png\ttrain\n");
        assertThatThrownBy(() -> DataSets.named("emoji-noto").load(folder))
                .hasMessageContaining("line 2: 2 columns, want 6");
        list("noto/1.png\ttest\ta\ta\tFood\tb\n");
        assertThatThrownBy(() -> DataSets.named("emoji-noto").load(folder)).hasMessageContaining("the split is test");
        list("noto/9.png\ttrain\ta\ta\tFood\tb\n");
        assertThatThrownBy(() -> DataSets.named("emoji-noto").load(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("noto/9.png: not in the archive");
        Files.writeString(folder.resolve("captions.tsv"), "file\tcaption\n");
        assertThatThrownBy(() -> DataSets.named("emoji-noto").load(folder))
                .hasMessageContaining("does not name the columns");
    }

    @Test
    void stylesSayWhoDrewThemAndNoneCanBeDownloaded() {
        DataSet all = DataSets.named("emoji");

        assertThat(all.licence()).isEqualTo("Apache-2.0 AND MIT AND CC-BY-4.0");
        assertThat(all.credit()).contains("Google", "Microsoft", "Twitter");
        assertThat(DataSets.named("emoji-twemoji").licence()).isEqualTo("CC-BY-4.0");
        assertThat(DataSets.named("emoji-twemoji").folder()).isEqualTo("emoji");
        assertThatThrownBy(() -> all.download(folder, (file, bytes) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not offered for download")
                .hasMessageContaining("--data");
    }
}
