package io.scanline.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureDecoderTest {
    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void everyFormatIsRead(String format) throws IOException {
        SquarePicture square = PictureDecoder.square(Drawings.encode(Drawings.plain(9, 5, 0xFF0000FF), format), 4);

        assertThat(square.rgba()[2] & 0xFF).isGreaterThan(250);
        assertThat(square.rgba()[0] & 0xFF).isLessThan(5);
        assertThat(square.transparent()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void filesThatEndTooEarlyAreRefused(String format) throws IOException {
        byte[] file = Drawings.encode(noise(60, 40), format);

        for (int length : new int[] {file.length / 2, file.length * 3 / 4, 100, 20}) {
            assertThatThrownBy(() -> PictureDecoder.square(Arrays.copyOf(file, length), 4))
                    .as("%d of %d bytes", length, file.length)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("unreadable ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void changedBytesGiveAPictureOrAnIOException(String format) throws IOException {
        byte[] file = Drawings.encode(noise(12, 12), format);
        Random random = new Random(5);
        for (int attempt = 0; attempt < 300; attempt++) {
            byte[] changed = file.clone();
            // Three of four times near the start, where the headers are.
            int reach = attempt % 4 == 0 ? file.length : Math.min(60, file.length);
            changed[random.nextInt(reach)] = (byte) random.nextInt();
            assertThatCode(() -> {
                        try {
                            assertThat(PictureDecoder.square(changed, 4).rgba()).hasSize(64);
                        } catch (IOException refused) {
                            assertThat(refused).message().isNotBlank();
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> PictureDecoder.square("hello".getBytes(), 4))
                .isInstanceOf(IOException.class)
                .hasMessage("not a PNG, JPEG, GIF or BMP file");
        assertThatThrownBy(() -> PictureDecoder.square(new byte[0], 4)).hasMessageStartingWith("not a PNG");
    }

    @Test
    void pictureThatWouldFillMemoryIsRefusedByItsHeader() throws IOException {
        byte[] bomb = Drawings.encode(Drawings.plain(2, 2, 0xFF000000), "png");
        ByteBuffer header = ByteBuffer.wrap(bomb);
        header.putInt(16, 1_000_000).putInt(20, 1_000_000);
        CRC32 sum = new CRC32();
        sum.update(bomb, 12, 17);
        header.putInt(29, (int) sum.getValue());

        assertThatThrownBy(() -> PictureDecoder.square(bomb, 4))
                .isInstanceOf(IOException.class)
                .hasMessage("1000000 x 1000000 pixels; the most are 64 million");
    }

    private static BufferedImage noise(int width, int height) {
        BufferedImage picture = Drawings.plain(width, height, 0xFF000000);
        Random random = new Random(1);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                picture.setRGB(x, y, random.nextInt());
            }
        }
        return picture;
    }
}
