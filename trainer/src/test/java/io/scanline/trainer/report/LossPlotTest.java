package io.scanline.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LossPlotTest {
    private static final double[] STEPS = {0, 500, 1000, 1500, 2000};
    private static final double[] LOSSES = {4.0, 1.6, 1.3, 1.2, 1.1};

    @TempDir
    Path folder;

    @Test
    void curvesAndFloorAreDrawnInTheirColours() throws IOException {
        BufferedImage plot = written(new LossPlot("tiny")
                .training(STEPS, LOSSES)
                .validation(STEPS, new double[] {4.1, 1.7, 1.35, 1.25, 1.15})
                .floor("counted W+N+NW+NE", 1.24));

        assertThat(pixels(plot, LossPlot.TRAINING)).isGreaterThan(100);
        assertThat(pixels(plot, LossPlot.VALIDATION)).isGreaterThan(100);
        assertThat(pixels(plot, LossPlot.FLOOR)).isGreaterThan(100);
        assertThat(new Color(plot.getRGB(2, 2))).isEqualTo(Color.WHITE);
    }

    @Test
    void plotWithoutFloorHasNoFloorLine() throws IOException {
        BufferedImage plot = written(new LossPlot("tiny").training(STEPS, LOSSES));

        assertThat(pixels(plot, LossPlot.TRAINING)).isGreaterThan(100);
        assertThat(pixels(plot, LossPlot.FLOOR)).isZero();
        assertThat(pixels(plot, LossPlot.VALIDATION)).isZero();
    }

    @Test
    void oneMeasurementIsEnoughForAPlot() throws IOException {
        BufferedImage plot = written(new LossPlot("first step")
                .training(new double[] {0}, new double[] {4})
                .floor("counted W", 1.8));

        assertThat(plot.getWidth()).isEqualTo(960);
    }

    @Test
    void brokenCurvesAreRefused() {
        LossPlot plot = new LossPlot("broken");

        assertThatThrownBy(() -> plot.training(STEPS, new double[1])).hasMessageContaining("5 steps and 1 losses");
        assertThatThrownBy(() -> plot.training(new double[1], new double[] {Double.NaN}))
                .hasMessageContaining("finite");
        assertThatThrownBy(() -> plot.write(folder.resolve("x.png"))).hasMessageContaining("no curve");
    }

    private BufferedImage written(LossPlot plot) throws IOException {
        Path file = folder.resolve("loss.png");
        plot.write(file);
        return ImageIO.read(file.toFile());
    }

    private static int pixels(BufferedImage image, Color color) {
        int found = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                found += near(new Color(image.getRGB(x, y)), color) ? 1 : 0;
            }
        }
        return found;
    }

    /** The edges of a line are mixed with what lies under it. */
    private static boolean near(Color a, Color b) {
        return Math.abs(a.getRed() - b.getRed()) < 20
                && Math.abs(a.getGreen() - b.getGreen()) < 20
                && Math.abs(a.getBlue() - b.getBlue()) < 20;
    }
}
