package io.scanline.cli.image;

import static io.scanline.cli.Events.bytes;
import static io.scanline.cli.Events.geometry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.v1.Geometry;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LevelImagesTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"1, 2", "1, 16", "1, 256", "3, 8", "3, 256", "4, 16"})
    void aPngGivesTheSameLevelsBack(int channels, int levels) throws IOException {
        Geometry geometry = geometry(5, 4, channels, levels);
        byte[] values = new byte[20 * channels];
        Random random = new Random(levels);
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) random.nextInt(levels);
        }
        Path file = folder.resolve("image.png");
        PngWriter.write(file.toString(), List.of(LevelImages.toImage(geometry, values)));

        assertThat(LevelImages.readWhole(file, geometry)).isEqualTo(values);
        assertThat(LevelImages.readRows(file, geometry, 1)).isEqualTo(Arrays.copyOf(values, 5 * channels));
    }

    @Test
    void aColorPictureBecomesItsLumaForAGreyModel() throws IOException {
        BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_RGB);
        image.setRGB(0, 0, Color.WHITE.getRGB());
        image.setRGB(1, 0, Color.GREEN.getRGB());
        image.setRGB(2, 0, Color.BLUE.getRGB());
        Path file = folder.resolve("color.png");
        ImageIO.write(image, "png", file.toFile());

        // Luma 255, 150, 29 over levels 0, 85, 170, 255.
        assertThat(LevelImages.readWhole(file, geometry(3, 1, 1, 4))).isEqualTo(bytes(3, 2, 0));
    }

    @Test
    void saysWhatDoesNotFit() throws IOException {
        Path file = folder.resolve("small.png");
        ImageIO.write(new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());

        assertThatThrownBy(() -> LevelImages.readRows(file, geometry(3, 4, 1, 4), 3))
                .isInstanceOf(IOException.class)
                .hasMessageEndingWith("small.png: is 3x2, needed are 3 columns and 3 rows");
        assertThat(LevelImages.readRows(file, geometry(3, 4, 1, 4), 2)).isEqualTo(new byte[6]);
        assertThatThrownBy(() -> LevelImages.readWhole(folder.resolve("none.png"), geometry(3, 4, 1, 4)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.png");
    }

    @Test
    void aContactSheetIsAGridWithGaps() {
        Geometry geometry = geometry(2, 1, 1, 2);
        List<BufferedImage> images = List.of(
                LevelImages.toImage(geometry, bytes(1, 0)),
                LevelImages.toImage(geometry, bytes(0, 1)),
                LevelImages.toImage(geometry, bytes(1, 1)));

        BufferedImage sheet = ContactSheet.of(images);

        assertThat(sheet.getWidth()).isEqualTo(6);
        assertThat(sheet.getHeight()).isEqualTo(4);
        assertThat(sheet.getRaster().getSamples(0, 0, 6, 1, 0, (int[]) null)).containsExactly(255, 0, 64, 64, 0, 255);
        assertThat(sheet.getRaster().getSamples(0, 3, 6, 1, 0, (int[]) null)).containsExactly(255, 255, 64, 64, 64, 64);
    }
}
