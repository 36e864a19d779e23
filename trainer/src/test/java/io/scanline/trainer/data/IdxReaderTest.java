package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxReaderTest {
    private static final byte[] TWO_BY_THREE = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, (byte) 250};

    @Test
    void plainFileGivesShapeAndElements(@TempDir Path folder) throws IOException {
        IdxArray array = new IdxReader().read(Files.write(folder.resolve("a"), TWO_BY_THREE));

        assertThat(array.shape()).containsExactly(2, 3);
        assertThat(array.data()).containsExactly(1, 2, 3, 4, 5, 250);
    }

    @Test
    void gzipFileGivesTheSameArrayAndContentDigest() throws IOException {
        IdxArray plain = read(TWO_BY_THREE);
        IdxArray compressed = read(gzip(TWO_BY_THREE));

        assertThat(compressed.shape()).isEqualTo(plain.shape());
        assertThat(compressed.data()).isEqualTo(plain.data());
        assertThat(compressed.sha256())
                .isEqualTo(plain.sha256())
                // Of these 18 bytes, by an independent tool.
                .isEqualTo("bcae679765205c462fa956cbfca1d7d7fc2907c71b7a0a4fcf4b59d2e3747700");
    }

    @Test
    void notAnIdxFileIsNamedWithItsFirstBytes(@TempDir Path folder) throws IOException {
        Path page = Files.writeString(folder.resolve("page.gz"), "<html>not found</html>");

        assertThatThrownBy(() -> new IdxReader().read(page))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("page.gz")
                .hasMessageContaining("not an idx file: it begins with 3c68746d");
    }

    @Test
    void otherElementTypesAreRefused() {
        assertThatThrownBy(() -> read(with(2, 0x0D))).hasMessageContaining("type 0x0d, want unsigned bytes");
    }

    @Test
    void numberOfDimensionsIsLimited() {
        assertThatThrownBy(() -> read(with(3, 0))).hasMessageContaining("0 dimensions, want 1 to 4");
        assertThatThrownBy(() -> read(with(3, 200))).hasMessageContaining("200 dimensions, want 1 to 4");
    }

    @Test
    void emptyDimensionIsRefused() {
        assertThatThrownBy(() -> read(with(7, 0))).hasMessageContaining("idx dimension 0 is 0");
    }

    @Test
    void hugeSizesAreRefusedBeforeMemoryIsTaken() {
        assertThatThrownBy(() -> read(with(8, 0xFF))).hasMessageContaining("idx dimension 1 of 4278190083");
        assertThatThrownBy(() -> new IdxReader(5).read(new ByteArrayInputStream(TWO_BY_THREE)))
                .hasMessageContaining("more than 5 elements");
    }

    @Test
    void everyTruncationIsAnErrorThatSaysWhere() {
        for (int length = 0; length < TWO_BY_THREE.length; length++) {
            byte[] cut = Arrays.copyOf(TWO_BY_THREE, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class).hasMessageContaining("ends within");
        }
    }

    @Test
    void everyTruncationOfAGzipFileIsAnError() throws IOException {
        byte[] compressed = gzip(TWO_BY_THREE);
        for (int length = 0; length < compressed.length; length++) {
            byte[] cut = Arrays.copyOf(compressed, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void bytesAfterTheLastElementAreAnError() {
        assertThatThrownBy(() -> read(Arrays.copyOf(TWO_BY_THREE, TWO_BY_THREE.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("goes on after its 6 elements");
    }

    @Test
    void missingFileIsReportedAsMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> new IdxReader().read(folder.resolve("nothing")))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Property
    void randomBytesGiveNothingButAnIoException(@ForAll byte[] bytes) {
        readOrIoException(bytes);
    }

    @Property
    void randomHeadersGiveNothingButAnIoException(
            @ForAll @IntRange(max = 5) int dimensions, @ForAll @Size(max = 40) byte[] rest, @ForAll boolean compress)
            throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {0, 0, 8, (byte) dimensions});
        file.write(rest);
        readOrIoException(compress ? gzip(file.toByteArray()) : file.toByteArray());
    }

    @Property
    void flippingBytesOfAGzipFileGivesNothingButAnIoException(
            @ForAll @IntRange(max = 60) int position, @ForAll byte value) throws IOException {
        byte[] file = gzip(TWO_BY_THREE);
        file[position % file.length] = value;
        readOrIoException(file);
    }

    @Property
    void writtenArrayIsReadBack(
            @ForAll @IntRange(min = 1, max = 5) int a, @ForAll @IntRange(min = 1, max = 5) int b, @ForAll byte fill)
            throws IOException {
        byte[] data = new byte[a * b];
        Arrays.fill(data, fill);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        new IdxArray(new int[] {a, b}, data).writeTo(file);

        IdxArray back = read(file.toByteArray());

        assertThat(back.shape()).containsExactly(a, b);
        assertThat(back.data()).isEqualTo(data);
    }

    private static void readOrIoException(byte[] bytes) {
        try {
            IdxArray array = read(bytes);
            assertThat(array.data()).hasSize(Arrays.stream(array.shape()).reduce(1, (a, b) -> a * b));
        } catch (IOException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }

    private static IdxArray read(byte[] bytes) throws IOException {
        return new IdxReader().read(new ByteArrayInputStream(bytes));
    }

    private static byte[] with(int position, int value) {
        byte[] changed = TWO_BY_THREE.clone();
        changed[position] = (byte) value;
        return changed;
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }
}
