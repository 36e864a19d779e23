package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.trainer.data.IdxDataSet.IdxFile;
import io.scanline.trainer.data.IdxDataSet.Pair;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxDataSetTest {
    private static final IdxArray IMAGES = new IdxArray(new int[] {2, 1, 3}, new byte[] {1, 2, 3, 4, 5, 6});
    private static final IdxArray LABELS = new IdxArray(new int[] {2}, new byte[] {1, 0});

    @TempDir
    Path folder;

    @Test
    void directoryGivesBothParts() throws IOException {
        write("i.gz", IMAGES);
        write("l.gz", LABELS);

        TrainTest loaded = dataSet(LABELS).load(folder);

        assertThat(loaded.training().size()).isEqualTo(2);
        assertThat(loaded.training().width()).isEqualTo(3);
        assertThat(loaded.training().height()).isEqualTo(1);
        assertThat(loaded.training().image(1)).containsExactly(4, 5, 6);
        assertThat(loaded.training().className(0)).isEqualTo("one");
        assertThat(loaded.test().className(1)).isEqualTo("zero");
    }

    @Test
    void uncompressedFilesAreTakenToo() throws IOException {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        IMAGES.writeTo(plain);
        Files.write(folder.resolve("i"), plain.toByteArray());
        write("l.gz", LABELS);

        assertThat(dataSet(LABELS).load(folder).test().size()).isEqualTo(2);
    }

    @Test
    void missingFileIsNamed() throws IOException {
        write("i.gz", IMAGES);

        assertThatThrownBy(() -> dataSet(LABELS).load(folder))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("l.gz");
    }

    @Test
    void otherContentIsRefused() throws IOException {
        write("i.gz", new IdxArray(new int[] {2, 1, 3}, new byte[6]));
        write("l.gz", LABELS);

        assertThatThrownBy(() -> dataSet(LABELS).load(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("i.gz: the content is not the published one");
    }

    @Test
    void labelsAndImagesMustBeAsMany() throws IOException {
        IdxArray three = new IdxArray(new int[] {3}, new byte[3]);
        write("i.gz", IMAGES);
        write("l.gz", three);

        assertThatThrownBy(() -> dataSet(three).load(folder)).hasMessageContaining("has 2 images, l.gz 3 labels");
    }

    @Test
    void labelWithoutClassIsRefused() throws IOException {
        IdxArray large = new IdxArray(new int[] {2}, new byte[] {0, (byte) 200});
        write("i.gz", IMAGES);
        write("l.gz", large);

        assertThatThrownBy(() -> dataSet(large).load(folder)).hasMessageContaining("label 200, want 0 to 1");
    }

    @Test
    void downloadFillsTheFolderOfTheDataSet() throws Exception {
        byte[] compressed = IdxReaderTest.gzip(plain(IMAGES));
        byte[] labels = IdxReaderTest.gzip(plain(LABELS));
        try (FileServer images = new FileServer(compressed)) {
            Files.createDirectories(folder.resolve("tiny"));
            Files.write(folder.resolve("tiny/l.gz"), labels);
            IdxFile imageFile = new IdxFile("i.gz", compressed.length, digest(compressed), IMAGES.sha256());
            IdxFile labelFile = new IdxFile("l.gz", labels.length, digest(labels), LABELS.sha256());
            Pair pair = new Pair(imageFile, labelFile);
            IdxDataSet dataSet = new IdxDataSet("tiny", "MIT", "nobody", List.of("zero", "one"),
                    List.of(images.address().resolve("/")), pair, pair);

            TrainTest loaded = dataSet.download(folder, (file, bytes) -> {});

            assertThat(loaded.test().image(0)).containsExactly(1, 2, 3);
            assertThat(folder.resolve("tiny/i.gz")).hasBinaryContent(compressed);
            assertThat(images.requests()).hasSize(1);
        }
    }

    @Test
    void publicDataSetsAreFoundByName() {
        assertThat(DataSets.all()).extracting(DataSet::name).containsExactly(
                "fashion-mnist", "mnist", "emoji", "emoji-blob", "emoji-fluent", "emoji-noto", "emoji-twemoji");
        assertThat(FashionMnist.DATA_SET.classNames())
                .hasSize(10)
                .startsWith("T-shirt/top")
                .endsWith("Ankle boot");
        assertThat(DataSets.named("mnist").licence()).isEqualTo("CC-BY-SA-3.0");
        assertThatThrownBy(() -> DataSets.named("cifar"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fashion-mnist, mnist");
    }

    @Test
    void everyPublicFileHasAWellFormedAddressAndDigest() {
        for (IdxDataSet dataSet : List.of(FashionMnist.DATA_SET, Mnist.DATA_SET)) {
            for (Pair pair : List.of(dataSet.training(), dataSet.test())) {
                for (IdxFile file : List.of(pair.images(), pair.labels())) {
                    List<URI> addresses =
                            dataSet.addresses().stream().map(address -> address.resolve(file.name())).toList();
                    RemoteFile remote = new RemoteFile(file.name(), file.bytes(), file.sha256(), addresses);
                    assertThat(remote.addresses()).allMatch(address -> address.getPath().endsWith("/" + file.name()));
                    assertThat(file.contentSha256()).matches("[0-9a-f]{64}").isNotEqualTo(file.sha256());
                }
            }
        }
    }

    private IdxDataSet dataSet(IdxArray labels) {
        // Loading a directory does not look at the digests of the compressed files.
        Pair pair = new Pair(
                new IdxFile("i.gz", 1, "", IMAGES.sha256()), new IdxFile("l.gz", 1, "", labels.sha256()));
        return new IdxDataSet("tiny", "MIT", "nobody", List.of("zero", "one"), List.of(), pair, pair);
    }

    private void write(String name, IdxArray array) throws IOException {
        Files.write(folder.resolve(name), IdxReaderTest.gzip(plain(array)));
    }

    private static byte[] plain(IdxArray array) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        array.writeTo(out);
        return out.toByteArray();
    }

    private String digest(byte[] bytes) throws IOException {
        return Sha256.of(Files.write(folder.resolve("digested"), bytes));
    }
}
