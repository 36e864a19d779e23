package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.PictureFit;
import io.scanline.bundle.v1.PictureInput;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PictureTransformTest {
    private static final int BACKGROUND = 77;

    private static ImageGeometry geometry(int width, int height, int channels, byte... levelValues) {
        return ImageGeometry.newBuilder()
                .setWidth(width)
                .setHeight(height)
                .setChannels(channels)
                .setLevels(levelValues.length)
                .setLevelValues(ByteString.copyFrom(levelValues))
                .build();
    }

    private static ImageGeometry all(int width, int height, int channels) {
        return geometry(width, height, channels, new EvenLevels(256).values());
    }

    private static byte[] image(ImageGeometry geometry, PictureFit fit, PixelRows picture) {
        PictureInput input = PictureInput.newBuilder().setFit(fit).setBackground(BACKGROUND).build();
        return new PictureTransform(geometry, input).image(picture);
    }

    private static PixelRows plain(int width, int height, int argb) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        int[] row = new int[width];
        Arrays.fill(row, argb);
        for (int y = 0; y < height; y++) {
            picture.setRGB(0, y, width, 1, row, 0, width);
        }
        return PixelRows.of(picture);
    }

    @Property(tries = 100)
    void containedPictureIsInTheMiddleOfItsBackground(
            @ForAll @IntRange(min = 1, max = 40) int width, @ForAll @IntRange(min = 1, max = 40) int height) {
        byte[] image = image(
                all(8, 8, 1), PictureFit.PICTURE_FIT_CONTAIN, plain(width * 8, height * 8, 0xFFFFFFFF));
        double side = 8.0 * Math.min(width, height) / Math.max(width, height);
        double found = 0;
        for (byte value : image) {
            found += ((value & 0xFF) - BACKGROUND) / (255.0 - BACKGROUND);
        }
        // The area that is the picture's, as far as rounding goes.
        assertThat(found).isBetween(8 * side - 0.3, 8 * side + 0.3);
        assertThat(image[0]).isEqualTo(image[63]);
    }

    @Test
    void coveringPictureLosesItsEnds() {
        BufferedImage wide = new BufferedImage(12, 4, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 12; x++) {
                wide.setRGB(x, y, x >= 4 && x < 8 ? 0xFF0000FF : 0xFFFF0000);
            }
        }
        assertThat(image(all(1, 1, 3), PictureFit.PICTURE_FIT_COVER, PixelRows.of(wide))).containsExactly(0, 0, 255);
        assertThat(image(all(3, 1, 3), PictureFit.PICTURE_FIT_COVER, PixelRows.of(wide)))
                .containsExactly(255, 0, 0, 0, 0, 255, 255, 0, 0);
        assertThat(image(all(1, 3, 3), PictureFit.PICTURE_FIT_COVER, PixelRows.of(wide)))
                .containsExactly(0, 0, 255, 0, 0, 255, 0, 0, 255);
        assertThat(image(all(1, 1, 3), PictureFit.PICTURE_FIT_STRETCH, PixelRows.of(wide)))
                .containsExactly(170, 0, 85);
    }

    @Test
    void transparentPlacesShowTheBackgroundOrStayTransparent() {
        PixelRows half = plain(4, 4, 0x80FF0000);
        assertThat(image(all(1, 1, 3), PictureFit.PICTURE_FIT_COVER, half)).containsExactly(166, 38, 38);
        assertThat(image(all(1, 1, 4), PictureFit.PICTURE_FIT_COVER, half)).containsExactly(255, 0, 0, 128);
        assertThat(image(all(2, 1, 4), PictureFit.PICTURE_FIT_CONTAIN, plain(1, 2, 0xFF0A141E)))
                .containsExactly(10, 20, 30, 64, 10, 20, 30, 64);
    }

    @Test
    void greyIsLuma() {
        assertThat(image(all(1, 1, 1), PictureFit.PICTURE_FIT_COVER, plain(2, 2, 0xFFFF0000))).containsExactly(76);
        for (int grey = 0; grey < 256; grey++) {
            assertThat(image(all(1, 1, 1), PictureFit.PICTURE_FIT_COVER, plain(2, 2, 0xFF000000 | grey * 0x010101)))
                    .containsExactly(grey);
        }
    }

    @Test
    void evenLevelsAreCutAsInTrainingAndOthersAreRounded() {
        PixelRows nine = plain(2, 2, 0xFF090909);
        byte[] even = new EvenLevels(16).values();
        assertThat(image(geometry(1, 1, 1, even), PictureFit.PICTURE_FIT_COVER, nine)).containsExactly(0);
        assertThat(image(geometry(1, 1, 1, (byte) 0, (byte) 16, (byte) 255), PictureFit.PICTURE_FIT_COVER, nine))
                .containsExactly(1);
    }

    /** What training saw, as an image of a grey model and of one with alpha. */
    @Test
    void storedTensorsAreReproduced() throws IOException {
        PictureReader reader = new PictureReader(
                EnumSet.allOf(PictureReader.Format.class), 1_000_000);
        byte[] rgba = PictureReaderTest.file("squares", "rgba.png.rgba");
        byte[] picture = PictureReaderTest.picture("rgba.png");
        assertThat(image(all(8, 8, 4), PictureFit.PICTURE_FIT_COVER, reader.read(picture))).isEqualTo(rgba);

        byte[] grey = PictureReaderTest.file("squares", "grey.png.rgba");
        byte[] found = image(
                geometry(8, 8, 1, new EvenLevels(16).values()), PictureFit.PICTURE_FIT_COVER,
                reader.read(PictureReaderTest.picture("grey.png")));
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isEqualTo((byte) ((grey[4 * i] & 0xFF) / 16));
        }
    }

    @Test
    void fitMustBeStated() {
        assertThatThrownBy(() -> image(all(1, 1, 3), PictureFit.PICTURE_FIT_UNSPECIFIED, plain(1, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> image(geometry(1, 1, 3), PictureFit.PICTURE_FIT_COVER, plain(1, 1, 0)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
