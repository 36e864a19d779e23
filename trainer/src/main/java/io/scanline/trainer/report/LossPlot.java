package io.scanline.trainer.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Loss over training steps, in bits per dimension if no other unit is named, with horizontal lines for the floors to
 * beat; as PNG.
 */
public final class LossPlot {
    static {
        Headless.require();
    }

    static final Color TRAINING = new Color(0x9E, 0xC5, 0xE8);
    static final Color VALIDATION = new Color(0x1F, 0x5F, 0xA8);
    static final Color FLOOR = new Color(0xC0, 0x39, 0x2B);
    /** How far above the lowest line the plot reaches: the first steps of training would flatten all that follows. */
    private static final double VISIBLE_RANGE = 2;

    private final String title;
    private String unit = "bits per dimension";
    private String pattern = "0.00";
    private final Map<String, Curve> curves = new LinkedHashMap<>();
    private final Map<String, Double> floors = new LinkedHashMap<>();

    private record Curve(double[] steps, double[] bitsPerDim, Color color, float strokeWidth) {}

    /** An empty plot. */
    public LossPlot(String title) {
        this.title = title;
    }

    /** Names another unit than bits per dimension, and a {@link java.text.DecimalFormat} pattern for its numbers. */
    public LossPlot unit(String name, String decimals) {
        unit = name;
        pattern = decimals;
        return this;
    }

    /**
     * Sets the loss of the training batches.
     *
     * @param steps training steps, as many as losses
     * @param bitsPerDim losses; at least one
     */
    public LossPlot training(double[] steps, double[] bitsPerDim) {
        curves.put("training", curve(steps, bitsPerDim, TRAINING, 1));
        return this;
    }

    /** Sets the loss of the validation images; as {@link #training}. */
    public LossPlot validation(double[] steps, double[] bitsPerDim) {
        curves.put("validation", curve(steps, bitsPerDim, VALIDATION, 2));
        return this;
    }

    /** Adds a dashed line to beat. */
    public LossPlot floor(String name, double bitsPerDim) {
        floors.put(name, bitsPerDim);
        return this;
    }

    /** Writes the plot as PNG; makes missing directories. */
    public void write(Path file) throws IOException {
        PngFile.write(BitmapEncoder.getBufferedImage(chart()), file);
    }

    private XYChart chart() {
        if (curves.isEmpty()) {
            throw new IllegalStateException("no curve to plot");
        }
        XYChart chart = new XYChartBuilder()
                .width(960)
                .height(540)
                .title(title)
                .xAxisTitle("training step")
                .yAxisTitle(unit)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setYAxisDecimalPattern(pattern);
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        curves.forEach((name, curve) -> {
            XYSeries series = chart.addSeries(name, curve.steps(), curve.bitsPerDim());
            series.setMarker(SeriesMarkers.NONE);
            series.setLineColor(curve.color());
            series.setLineStyle(new BasicStroke(curve.strokeWidth()));
        });
        double firstStep = steps().min().orElseThrow();
        double lastStep = steps().max().orElseThrow();
        floors.forEach((name, bits) -> {
            XYSeries line = chart.addSeries(
                    String.format(Locale.ROOT, "%s: %.3f", name, bits),
                    new double[] {firstStep, lastStep},
                    new double[] {bits, bits});
            line.setMarker(SeriesMarkers.NONE);
            line.setLineColor(FLOOR);
            line.setLineStyle(new BasicStroke(
                    1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, new float[] {8, 5}, 0));
        });
        showTheInterestingPart(chart);
        return chart;
    }

    private void showTheInterestingPart(XYChart chart) {
        double lowest = bits().min().orElseThrow();
        double highestFloor = floors.values().stream().mapToDouble(Double::doubleValue).max().orElse(lowest);
        double top = Math.min(bits().max().orElseThrow(), VISIBLE_RANGE * Math.max(lowest, highestFloor));
        double margin = Math.max(0.05 * (top - lowest), 1e-3);
        chart.getStyler().setYAxisMin(lowest - margin);
        chart.getStyler().setYAxisMax(top + margin);
    }

    private DoubleStream steps() {
        return curves.values().stream().flatMapToDouble(curve -> Arrays.stream(curve.steps()));
    }

    private DoubleStream bits() {
        return DoubleStream.concat(
                curves.values().stream().flatMapToDouble(curve -> Arrays.stream(curve.bitsPerDim())),
                floors.values().stream().mapToDouble(Double::doubleValue));
    }

    private static Curve curve(double[] steps, double[] bitsPerDim, Color color, float strokeWidth) {
        if (steps.length != bitsPerDim.length || steps.length == 0) {
            throw new IllegalArgumentException(steps.length + " steps and " + bitsPerDim.length + " losses");
        }
        if (!Arrays.stream(bitsPerDim).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("a loss is not a finite number");
        }
        return new Curve(steps.clone(), bitsPerDim.clone(), color, strokeWidth);
    }
}
