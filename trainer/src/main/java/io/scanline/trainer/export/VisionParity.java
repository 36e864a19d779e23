package io.scanline.trainer.export;

import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.ImageSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Compares what libtorch and ONNX Runtime compute of images and texts. */
final class VisionParity {
    /** What single precision and these depths can hold. */
    private static final Difference ALLOWED = new Difference(2e-4, 2e-4);

    private VisionParity() {}

    /**
     * Compares answers by name.
     *
     * @param report told in words what was found
     * @throws IllegalStateException when a difference is too large
     */
    static void require(Consumer<String> report, Map<String, float[]> reference, Map<String, float[]> other) {
        StringBuilder text = new StringBuilder("share of the tolerated difference from libtorch:");
        double largest = 0;
        for (Map.Entry<String, float[]> answer : new TreeMap<>(reference).entrySet()) {
            double difference = ALLOWED.largest(answer.getValue(), other.get(answer.getKey()));
            largest = difference <= largest ? largest : difference; // lets NaN through
            text.append(String.format(Locale.ROOT, " %s %.3f", answer.getKey(), difference));
        }
        if (!(largest <= 1)) { // also when it is not a number
            throw new IllegalStateException("the exported graphs do not compute what was trained; " + text);
        }
        report.accept(text.toString());
    }

    /** The images of a set one by one. */
    static List<byte[]> images(ImageSet images) {
        return IntStream.range(0, images.size()).mapToObj(images::image).toList();
    }

    /** Says figures. */
    static void report(Consumer<String> report, List<Metric> figures) {
        figures.forEach(figure -> report.accept(String.format(
                Locale.ROOT, "%s: %.5g %s", figure.getName(), figure.getValue(), figure.getUnit())));
    }
}
