package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.scanline.bundle.v1.PictureFit;
import io.scanline.contract.PictureException.Fault;
import io.scanline.contract.PictureReader.Format;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PictureReaderTest {
    private static final PictureReader READER =
            new PictureReader(EnumSet.complementOf(EnumSet.of(Format.BMP)), 1_000_000);

    static byte[] file(String folder, String name) throws IOException {
        try (InputStream in = PictureReaderTest.class.getResourceAsStream("/" + folder + "/" + name)) {
            return in.readAllBytes();
        }
    }

    static byte[] picture(String name) throws IOException {
        return file("pictures", name);
    }

    private static byte[] square(byte[] file) throws PictureException {
        return FittedPicture.of(READER.read(file), 8, 8, PictureFit.PICTURE_FIT_COVER).rgba();
    }

    private static void assertRefused(byte[] file, Fault fault, String words) {
        assertThatThrownBy(() -> READER.read(file))
                .asInstanceOf(type(PictureException.class))
                .satisfies(refused -> {
                    assertThat(refused.fault()).isEqualTo(fault);
                    assertThat(refused.getMessage()).contains(words);
                });
    }

    /** The tensors were stored by the transform that the shipped models were trained with. */
    @ParameterizedTest
    @ValueSource(strings = {
        "rgba.png", "rgb.png", "grey.png", "grey-alpha.png", "palette.png", "palette-transparent.png", "bilevel.png",
        "grey16.png", "rgb16.png", "rgba16.png", "rgb.jpg", "grey.jpg", "progressive.jpg", "two-frames.gif"
    })
    void pictureIsTheTensorThatTrainingSaw(String name) throws IOException {
        assertThat(square(picture(name))).isEqualTo(file("squares", name + ".rgba"));
    }

    /** Both pictures are drawn from the same colours; the second has gone through another encoding of them. */
    @ParameterizedTest
    @CsvSource({"lossless.webp, lossy-alpha.webp, 12", "rgb.jpg, cmyk.jpg, 12", "rgb.jpg, lossy.webp, 12"})
    void otherEncodingsShowTheSamePicture(String one, String other, double tolerance) throws IOException {
        byte[] first = square(picture(one));
        byte[] second = square(picture(other));
        double difference = 0;
        for (int i = 0; i < first.length; i++) {
            difference += Math.abs((first[i] & 0xFF) - (second[i] & 0xFF));
        }
        assertThat(difference / first.length).isCloseTo(0, within(tolerance));
    }

    @Test
    void firstFrameOfAnAnimationIsTaken() throws IOException {
        byte[] rgba = square(picture("two-frames.webp"));
        byte[] gif = square(picture("two-frames.gif"));
        // The second frame is all red.
        assertThat(rgba[2] & 0xFF).isGreaterThan(100);
        assertThat(gif[2] & 0xFF).isGreaterThan(100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"orientation-6.jpg", "orientation-6.png", "orientation-6.webp"})
    void pictureOfACameraHeldSidewaysIsTurnedUpright(String name) throws IOException {
        PixelRows turned = READER.read(picture(name));
        assertThat(turned.width()).isEqualTo(16);
        assertThat(turned.height()).isEqualTo(24);
    }

    @Test
    void everyOrientationReadsThePixelsWhereTheyBelong() {
        // The file holds  1 2 3  of a picture that is upright after the turn.
        //                 4 5 6
        PixelRows file = new Numbers();
        int[][][] wanted = {
            {{1, 2, 3}, {4, 5, 6}}, {{3, 2, 1}, {6, 5, 4}}, {{6, 5, 4}, {3, 2, 1}}, {{4, 5, 6}, {1, 2, 3}},
            {{1, 4}, {2, 5}, {3, 6}}, {{4, 1}, {5, 2}, {6, 3}}, {{6, 3}, {5, 2}, {4, 1}}, {{3, 6}, {2, 5}, {1, 4}}
        };
        for (PictureOrientation orientation : PictureOrientation.values()) {
            PixelRows turned = orientation.turned(file);
            int[][] found = new int[turned.height()][turned.width()];
            for (int y = 0; y < found.length; y++) {
                turned.read(y, found[y]);
            }
            assertThat(found).as(orientation.name()).isEqualTo(wanted[orientation.ordinal()]);
        }
    }

    private record Numbers() implements PixelRows {
        @Override
        public int width() {
            return 3;
        }

        @Override
        public int height() {
            return 2;
        }

        @Override
        public void read(int y, int[] argb) {
            for (int x = 0; x < 3; x++) {
                argb[x] = 1 + 3 * y + x;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "rgba.png", "palette.png", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg", "two-frames.gif",
        "lossy.webp", "lossless.webp", "lossy-alpha.webp", "two-frames.webp", "orientation-6.webp"
    })
    void fileThatEndsAnywhereIsAPictureOrARefusal(String name) throws IOException {
        byte[] file = picture(name);
        for (int length = 0; length < file.length; length++) {
            readOrRefuse(Arrays.copyOf(file, length));
        }
        if (!name.endsWith("webp")) { // its reader shows what there is
            assertRefused(Arrays.copyOf(file, file.length * 2 / 3), Fault.UNREADABLE, "unreadable");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "rgba.png", "grey16.png", "rgb.jpg", "progressive.jpg", "cmyk.jpg", "orientation-6.jpg", "orientation-6.png",
        "two-frames.gif", "lossy.webp", "lossless.webp", "lossy-alpha.webp", "two-frames.webp", "orientation-6.webp"
    })
    void changedBytesGiveAPictureOrARefusal(String name) throws IOException {
        byte[] file = picture(name);
        Random random = new Random(5);
        for (int attempt = 0; attempt < 300; attempt++) {
            byte[] changed = file.clone();
            // Three of four times near the start, where the headers are.
            int reach = attempt % 4 == 0 ? file.length : Math.min(60, file.length);
            for (int i = 0; i <= attempt % 3; i++) {
                changed[random.nextInt(reach)] = (byte) random.nextInt();
            }
            readOrRefuse(changed);
        }
    }

    private static void readOrRefuse(byte[] file) {
        try {
            assertThat(square(file)).hasSize(8 * 8 * 4);
        } catch (PictureException refused) {
            assertThat(refused).message().isNotBlank();
        }
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        assertRefused(new byte[0], Fault.FORMAT, "not a PNG, JPEG, WebP or GIF file");
        assertRefused("BM and more, which is not allowed here".getBytes(), Fault.FORMAT, "not a PNG");
        assertRefused("<svg/>".getBytes(), Fault.FORMAT, "not a PNG");
    }

    @Test
    void sizeIsCheckedByTheHeaderOfEveryFormat() throws IOException {
        byte[] png = picture("rgba.png");
        ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000);
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());
        assertRefused(png, Fault.TOO_LARGE, "100000 x 100000 pixels; the most are 1 million");

        byte[] jpeg = picture("rgb.jpg");
        int frame = indexOf(jpeg, 0xFF, 0xC0);
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 60_000).putShort(frame + 7, (short) 60_000);
        assertRefused(jpeg, Fault.TOO_LARGE, "60000 x 60000 pixels");

        byte[] gif = picture("two-frames.gif");
        int image = indexOf(gif, 0x2C, 0, 0, 0, 0);
        ByteBuffer.wrap(gif).order(ByteOrder.LITTLE_ENDIAN).putShort(image + 5, (short) 60_000)
                .putShort(image + 7, (short) 60_000);
        assertRefused(gif, Fault.TOO_LARGE, "60000 x 60000 pixels");
    }

    @Test
    void sizeIsCheckedInEveryPlaceThatAWebpFileStatesIt() throws IOException {
        byte[] lossy = picture("lossy.webp");
        int start = indexOf(lossy, 0x9D, 0x01, 0x2A);
        ByteBuffer.wrap(lossy).order(ByteOrder.LITTLE_ENDIAN).putShort(start + 3, (short) 16_383)
                .putShort(start + 5, (short) 16_383);
        assertRefused(lossy, Fault.TOO_LARGE, "16383 x 16383 pixels");

        byte[] lossless = picture("lossless.webp");
        int data = indexOf(lossless, 'V', 'P', '8', 'L') + 8;
        ByteBuffer.wrap(lossless).order(ByteOrder.LITTLE_ENDIAN).putInt(data + 1, (1 << 28) - 1);
        assertRefused(lossless, Fault.TOO_LARGE, "16384 x 16384 pixels");

        // A small canvas whose frame says that it is large.
        byte[] lying = picture("lossy-alpha.webp");
        int hidden = indexOf(lying, 0x9D, 0x01, 0x2A);
        ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putShort(hidden + 3, (short) 16_383)
                .putShort(hidden + 5, (short) 16_383);
        assertRefused(lying, Fault.TOO_LARGE, "16383 x 16383 pixels");
    }

    @Test
    void jpegOfAThousandScansIsRefused() throws IOException {
        byte[] progressive = picture("progressive.jpg");
        int scan = lastIndexOf(progressive, 0xFF, 0xDA);
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.write(progressive, 0, progressive.length - 2);
        for (int i = 0; i < 1000; i++) {
            bomb.write(progressive, scan, 20);
        }
        assertRefused(bomb.toByteArray(), Fault.TOO_LARGE, "more than 100 scans");
    }

    private static int indexOf(byte[] file, int... wanted) {
        for (int i = 0; i + wanted.length <= file.length; i++) {
            if (matches(file, i, wanted)) {
                return i;
            }
        }
        throw new AssertionError("the file has no such bytes");
    }

    private static int lastIndexOf(byte[] file, int... wanted) {
        int last = indexOf(file, wanted);
        for (int i = last; i + wanted.length <= file.length; i++) {
            last = matches(file, i, wanted) ? i : last;
        }
        return last;
    }

    private static boolean matches(byte[] file, int at, int... wanted) {
        for (int k = 0; k < wanted.length; k++) {
            if ((file[at + k] & 0xFF) != wanted[k]) {
                return false;
            }
        }
        return true;
    }
}
