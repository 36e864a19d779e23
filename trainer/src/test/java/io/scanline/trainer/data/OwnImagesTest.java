package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnImagesTest {
    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();

    @Test
    void mixedSizesAndFormatsBecomeSquaresOfOneSize() throws IOException {
        Drawings.write(folder.resolve("a.png"), Drawings.plain(40, 20, 0xFFFF0000));
        Drawings.write(folder.resolve("b.jpg"), Drawings.plain(9, 30, 0xFFFF0000));
        Drawings.write(folder.resolve("c.bmp"), Drawings.plain(3, 3, 0xFFFF0000));
        Drawings.write(folder.resolve("d.gif"), Drawings.plain(64, 64, 0xFFFF0000));

        TrainTest images = load(folder, 8);

        assertThat(images.training().size() + images.test().size()).isEqualTo(4);
        for (ImageSet part : List.of(images.training(), images.test())) {
            assertThat(part.size()).isPositive();
            assertThat(List.of(part.width(), part.height(), part.channels(), part.levels()))
                    .containsExactly(8, 8, 3, 256);
            for (int i = 0; i < part.values().length; i++) {
                int wanted = i % 3 == 0 ? 255 : 0;
                assertThat(part.values()[i] & 0xFF).isBetween(Math.max(0, wanted - 4), Math.min(255, wanted + 4));
            }
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void greyImagesAmongColouredOnesBecomeColouredToo() throws IOException {
        Drawings.write(folder.resolve("colour.png"), Drawings.plain(6, 6, 0xFF102030));
        Drawings.write(folder.resolve("grey.png"), Drawings.grey(6, 6, 77));

        TrainTest images = load(folder, 2);

        assertThat(images.training().channels()).isEqualTo(3);
        assertThat(pixels(images)).containsExactlyInAnyOrder("16 32 48", "77 77 77");
    }

    @Test
    void greyImagesAloneStayGrey() throws IOException {
        Drawings.write(folder.resolve("a.png"), Drawings.grey(6, 6, 77));
        Drawings.write(folder.resolve("b.png"), Drawings.plain(6, 6, 0xFF202020));

        assertThat(pixels(load(folder, 2))).containsExactlyInAnyOrder("77", "32");
    }

    @Test
    void oneTransparentImageGivesAllOfThemAlpha() throws IOException {
        Drawings.write(folder.resolve("a.png"), Drawings.plain(6, 6, 0x80102030));
        Drawings.write(folder.resolve("b.png"), Drawings.grey(6, 6, 77));
        Drawings.write(folder.resolve("c.png"), Drawings.plain(6, 6, 0xFF405060));

        assertThat(pixels(load(folder, 2))).containsExactlyInAnyOrder("16 32 48 128", "77 77 77 255", "64 80 96 255");
    }

    @Test
    void brokenAndOtherFilesAreSkippedNamedAndCounted() throws IOException {
        byte[] whole = Drawings.encode(Drawings.grey(30, 30, 9), "png");
        Drawings.write(folder.resolve("a.png"), Drawings.grey(6, 6, 77));
        Drawings.write(folder.resolve("b.png"), Drawings.grey(6, 6, 78));
        Files.write(folder.resolve("cut.png"), Arrays.copyOf(whole, whole.length / 2));
        Files.writeString(folder.resolve("notes.txt"), "no picture");
        Files.writeString(folder.resolve("empty.jpg"), "");
        Files.writeString(folder.resolve(".hidden"), "left by a file manager");

        TrainTest images = load(folder, 4);

        assertThat(pixels(images)).containsExactlyInAnyOrder("77", "78");
        assertThat(warnings).hasSize(4);
        assertThat(warnings.get(0)).startsWith("skipped cut.png: unreadable PNG");
        assertThat(warnings.subList(1, 4)).containsExactly(
                "skipped empty.jpg: not a PNG, JPEG, GIF or BMP file",
                "skipped notes.txt: not a PNG, JPEG, GIF or BMP file",
                "skipped 3 of 5 files");
    }

    @Test
    void noImageAtAllIsAnError() throws IOException {
        Files.writeString(folder.resolve("notes.txt"), "no picture");

        assertThatThrownBy(() -> load(folder, 4))
                .isInstanceOf(IOException.class)
                .hasMessage(folder + ": no image that can be read");
        assertThatThrownBy(() -> load(folder.resolve("notes.txt"), 4))
                .hasMessageEndingWith("no image that can be read");
        assertThatThrownBy(() -> load(folder.resolve("missing"), 4)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void oneImageIsLearnedAndTestedWithAndTheUserIsTold() throws IOException {
        Drawings.write(folder.resolve("a.png"), Drawings.grey(6, 6, 77));

        for (Path path : List.of(folder, folder.resolve("a.png"))) {
            warnings.clear();
            TrainTest images = load(path, 4);
            assertThat(images.training().size()).isEqualTo(1);
            assertThat(images.test().values()).isEqualTo(images.training().values());
            assertThat(warnings).hasSize(1);
            assertThat(warnings.get(0)).contains("one image only").contains("say nothing about others");
        }
    }

    @Test
    void foldersAreClassesWhenThereAreTwo() throws IOException {
        write("cats/1.png", "cats/more/2.png", "dogs/1.png", "dogs/2.png", "stray.png");
        Files.createDirectories(folder.resolve("empty"));
        Files.writeString(Files.createDirectories(folder.resolve("texts")).resolve("x.txt"), "no picture");

        TrainTest images = load(folder, 2);

        assertThat(images.training().classNames()).containsExactly("cats", "dogs", "other");
        assertThat(images.test().classNames()).containsExactly("cats", "dogs", "other");
        int[] perClass = new int[3];
        for (ImageSet part : List.of(images.training(), images.test())) {
            for (int label : part.labels()) {
                perClass[label]++;
            }
        }
        assertThat(perClass).containsExactly(2, 2, 1);
    }

    @Test
    void oneFolderOrNoneIsOneClass() {
        assertThat(FolderClasses.of(List.of("a.png", "cats/b.png")).names()).containsExactly("images");
        assertThat(FolderClasses.of(List.of("cats/a.png", "cats/b.png")).names()).containsExactly("images");
        assertThat(FolderClasses.of(List.of("pets/cats/a.png", "pets/dogs/b.png")).names())
                .containsExactly("cats", "dogs");
        assertThat(FolderClasses.of(List.of("cats/a.png", "dogs/b.png")).labels()).containsExactly(0, 1);
    }

    @Test
    void archiveGivesTheSameAsTheDirectory() throws IOException {
        write("cats/1.png", "cats/2.png", "dogs/1.png");
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (String name : List.of("dogs/1.png", "cats/1.png", "cats/2.png")) {
            contents.put(name, Files.readAllBytes(folder.resolve(name)));
        }
        Path zip = folder.resolveSibling("own.zip");
        Drawings.zip(zip, contents);

        TrainTest archived = load(zip, 4);
        TrainTest unpacked = load(folder, 4);

        assertThat(archived.training().values()).isEqualTo(unpacked.training().values());
        assertThat(archived.training().labels()).isEqualTo(unpacked.training().labels());
        assertThat(archived.test().values()).isEqualTo(unpacked.test().values());
        assertThat(archived.test().classNames()).containsExactly("cats", "dogs");
    }

    @Test
    void namesThatLeadOutOfAnArchiveAreSkippedAndWriteNothing() throws IOException {
        byte[] picture = Drawings.encode(Drawings.grey(4, 4, 5), "png");
        Map<String, byte[]> contents = new LinkedHashMap<>();
        contents.put("../evil.png", picture);
        contents.put("/etc/evil.png", picture);
        contents.put("a/../../evil\u001b[2J.png", picture);
        contents.put("a\\..\\evil.png", picture);
        contents.put("good.png", picture);
        contents.put("good2.png", picture);
        Path top = Files.createDirectories(folder.resolve("top"));
        Drawings.zip(top.resolve("own.zip"), contents);

        TrainTest images = load(top.resolve("own.zip"), 4);

        assertThat(pixels(images)).containsExactly("5", "5");
        assertThat(warnings).hasSize(5).contains("skipped ../evil.png: its name leads out of the archive");
        assertThat(String.join("", warnings)).doesNotContain("\u001b");
        assertThat(folder.resolve("evil.png")).doesNotExist();
        try (var files = Files.list(top)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void brokenArchiveIsAnErrorInWords() throws IOException {
        Path zip = Files.writeString(folder.resolve("broken.zip"), "PK\3\4 and nothing more");

        assertThatThrownBy(() -> load(zip, 4))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("broken zip archive");
    }

    @Test
    void idxFilesOfGreyAndOfColourAreRead() throws IOException {
        Path grey = idx("grey", new int[] {3, 2, 2}, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        Path colour = idx("colour", new int[] {2, 1, 1, 3}, 1, 2, 3, 4, 5, 6);

        assertThat(pixels(load(grey, 4))).containsExactlyInAnyOrder("1", "2", "3");
        assertThat(pixels(load(colour, 2))).containsExactlyInAnyOrder("1 2 3", "4 5 6");
        Path labels = idx("labels", new int[] {3}, 1, 2, 3);
        assertThatThrownBy(() -> load(labels, 2))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("of the shape [3]");
    }

    @Test
    void aboutATenthIsForTestingAndStaysSoWhenOthersCome() {
        List<String> paths = IntStream.range(0, 2000).mapToObj(i -> "folder/" + i + ".png").toList();

        assertThat(PathSplit.of(paths).test()).hasSizeBetween(150, 250);
        assertThat(PathSplit.of(paths).test()).containsAll(PathSplit.of(paths.subList(0, 1000)).test());
        for (int count = 2; count < 40; count++) {
            assertThat(PathSplit.of(paths.subList(0, count)).test()).hasSizeBetween(1, count - 1);
        }
        assertThat(PathSplit.of(List.of("only.png")).test()).isEmpty();
    }

    private TrainTest load(Path path, int edge) throws IOException {
        return new OwnImages(path, edge).load(warnings::add);
    }

    /** Grey images whose level is their number in the list. */
    private void write(String... names) throws IOException {
        for (int i = 0; i < names.length; i++) {
            Drawings.write(folder.resolve(names[i]), Drawings.grey(5, 5, 10 + i));
        }
    }

    private Path idx(String name, int[] shape, int... values) throws IOException {
        byte[] data = new byte[values.length];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) values[i];
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new IdxArray(shape, data).writeTo(out);
        return Files.write(folder.resolve(name), out.toByteArray());
    }

    /** The first pixel of every image, training images first. */
    private static List<String> pixels(TrainTest images) {
        List<String> pixels = new ArrayList<>();
        for (ImageSet part : List.of(images.training(), images.test())) {
            for (int n = 0; n < part.size(); n++) {
                byte[] image = part.image(n);
                pixels.add(String.join(" ", IntStream.range(0, part.channels())
                        .mapToObj(channel -> Integer.toString(image[channel] & 0xFF))
                        .toList()));
            }
        }
        return pixels;
    }
}
