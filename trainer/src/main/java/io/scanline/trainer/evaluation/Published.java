package io.scanline.trainer.evaluation;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A published figure, read where {@code source} says.
 *
 * @param family as recipes name it, or as its authors do where there is no recipe of it
 * @param dataSet as recipes name it
 * @param levels levels of its values; 2: binarised anew for every use (Burda et al. 2016)
 * @param metric as bundles name it
 * @param value in the metric's unit, the lower the better
 * @param source who published it, and what differs
 */
public record Published(String family, String dataSet, int levels, String metric, double value, String source) {
    private static final String TABLE = "EugenHotaj/pytorch-generative, README, results table at commit d1f0a5c";
    private static final String EXACT = "negative_log_likelihood";
    private static final String BOUND = "evidence_bound";

    /** All of it is with dynamic binarisation. Figures on a static draw do not compare with ours. */
    private static final List<Published> ALL = List.of(
            binaryMnist("pixel-cnn", EXACT, 81.45, "15 residual blocks of 16 channels"),
            binaryMnist("gated-pixel-cnn", EXACT, 81.50, "10 gated layers of 128 channels"),
            binaryMnist(
                    "image-transformer",
                    EXACT,
                    79.17,
                    "ImageGPT, the nearest to an Image Transformer there: 8 blocks of width 64, all of them with full"
                            + " attention, 457 epochs"),
            binaryMnist(
                    "vae", BOUND, 86.77, "convolutional VAE, images resized to 32 x 32, after hundreds of epochs"),
            binaryMnist("vd-vae", BOUND, 80.72, "VD-VAE, images resized to 32 x 32"),
            binaryMnist("pixel-snail", EXACT, 78.61, "PixelSNAIL, 8 blocks of 64 channels, 457 epochs"),
            binaryMnist("made", EXACT, 84.87, "MADE with one hidden layer of 8,000, 85 epochs"),
            binaryMnist("nade", EXACT, 85.65, "NADE"),
            binaryMnist("fvsbn", EXACT, 96.58, "FVSBN"));

    private static Published binaryMnist(String family, String metric, double nats, String differs) {
        return new Published(family, "mnist", 2, metric, nats, TABLE + ": " + differs);
    }

    /** The best known figure for the same family, data, levels and metric, if one could be read. */
    public static Optional<Published> of(String family, String dataSet, int levels, String metric) {
        return on(dataSet, levels)
                .filter(figure -> figure.family().equals(family) && figure.metric().equals(metric))
                .findFirst();
    }

    /** The best known likelihood, or bound on one, of any family on the same data and levels, in nats an image. */
    public static Optional<Published> best(String dataSet, int levels) {
        return on(dataSet, levels).min(Comparator.comparingDouble(Published::value));
    }

    private static Stream<Published> on(String dataSet, int levels) {
        return ALL.stream()
                .filter(figure -> figure.dataSet().equals(dataSet) && figure.levels() == levels);
    }

    /** Who published it. */
    public String author() {
        return source.substring(0, source.indexOf(','));
    }
}
