package io.scanline.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleSheetTest {
    private static final byte[] CHECKS = {0, (byte) 200, (byte) 100, 50};

    @TempDir
    Path folder;

    @Test
    void everyPixelIsASquareOfItsGreyInRowAndColumnOrder() throws IOException {
        byte[] white = {(byte) 255, (byte) 255, (byte) 255, (byte) 255};
        byte[] black = new byte[4];
        BufferedImage sheet = written(new SampleSheet(2, 2, 1, 20)
                .row("", List.of(CHECKS, black))
                .row("", List.of(black, white)));

        // No labels: the first image is 4 in, the next 4 after it.
        assertThat(grey(sheet, 4, 4)).isZero();
        assertThat(grey(sheet, 43, 23)).isEqualTo(200);
        assertThat(grey(sheet, 4, 43)).isEqualTo(100);
        assertThat(grey(sheet, 43, 43)).isEqualTo(50);
        assertThat(grey(sheet, 48, 4)).isZero();
        assertThat(grey(sheet, 46, 4)).as("paper between the images").isEqualTo(255);
        assertThat(grey(sheet, 60, 60)).as("the last image").isEqualTo(255);
        assertThat(sheet.getWidth()).isEqualTo(4 + 2 * 44);
        assertThat(sheet.getHeight()).isEqualTo(4 + 2 * 44);
    }

    @Test
    void labelsAreWrittenBesideAndAboveTheImages() throws IOException {
        byte[] white = {(byte) 255, (byte) 255, (byte) 255, (byte) 255};
        BufferedImage bare = written(new SampleSheet(2, 2, 1, 20).row("", List.of(white)));
        BufferedImage labelled = written(new SampleSheet(2, 2, 1, 20)
                .columns(List.of("T=1"))
                .row("Ankle boot", List.of(white)));

        assertThat(labelled.getWidth()).isGreaterThan(bare.getWidth() + 20);
        assertThat(labelled.getHeight()).isGreaterThan(bare.getHeight() + 8);
        assertThat(darkPixels(bare)).isZero();
        assertThat(darkPixels(labelled)).isGreaterThan(50);
    }

    @Test
    void colourImagesKeepTheirColours() throws IOException {
        byte[] orange = {(byte) 255, (byte) 128, 0};
        BufferedImage sheet = written(new SampleSheet(1, 1, 3, 30).row("", List.of(orange)));

        assertThat(sheet.getRGB(10, 10) & 0xFFFFFF).isEqualTo(0xFF8000);
    }

    @Test
    void transparentImagesLieOnAChequeredGround() throws IOException {
        byte[] clearThenHalfRed = {0, 0, 0, 0, (byte) 255, 0, 0, (byte) 128};
        BufferedImage sheet = written(new SampleSheet(2, 1, 4, 16).row("", List.of(clearThenHalfRed)));

        assertThat(sheet.getRGB(4, 4) & 0xFFFFFF).isEqualTo(0xFFFFFF);
        assertThat(sheet.getRGB(4 + 8, 4) & 0xFFFFFF).isEqualTo(0xDDDDDD);
        assertThat(sheet.getRGB(4 + 8, 4 + 8) & 0xFFFFFF).isEqualTo(0xFFFFFF);
        assertThat(sheet.getRGB(4 + 16, 4) & 0xFF0000).isEqualTo(0xFF0000);
        assertThat(sheet.getRGB(4 + 16, 4) >> 8 & 0xFF).isBetween(120, 135);
        assertThat(sheet.getRGB(4 + 33, 4) & 0xFFFFFF).as("paper after the image").isEqualTo(0xFFFFFF);
    }

    @Test
    void sheetIsReplacedAsAWholeAndLeavesNothingElse() throws IOException {
        written(new SampleSheet(2, 2, 1, 1).row("", List.of(CHECKS)));
        written(new SampleSheet(2, 2, 1, 2).row("", List.of(CHECKS)));

        try (Stream<Path> files = Files.list(folder.resolve("new"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactly("sheet.png");
        }
    }

    @Test
    void wrongImageSizesAreRefused() {
        assertThatThrownBy(() -> new SampleSheet(2, 2, 1, 1).row("", List.of(new byte[3])))
                .hasMessageContaining("3 values are no image of 2 x 2 x 1");
        assertThatThrownBy(() -> new SampleSheet(2, 2, 2, 1)).hasMessageContaining("1, 3 or 4 channels");
    }

    @Test
    void drawingNeedsNoScreen() throws IOException {
        written(new SampleSheet(2, 2, 1, 1).row("a", List.of(CHECKS)));

        assertThat(GraphicsEnvironment.isHeadless()).isTrue();
    }

    private BufferedImage written(SampleSheet sheet) throws IOException {
        Path file = folder.resolve("new/sheet.png");
        sheet.write(file);
        return ImageIO.read(file.toFile());
    }

    private static int grey(BufferedImage image, int x, int y) {
        int rgb = image.getRGB(x, y) & 0xFFFFFF;
        assertThat(rgb % 0x010101).as("grey").isZero();
        return rgb & 0xFF;
    }

    private static int darkPixels(BufferedImage image) {
        int dark = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                dark += (image.getRGB(x, y) & 0xFF) < 128 ? 1 : 0;
            }
        }
        return dark;
    }
}
