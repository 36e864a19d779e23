package io.scanline.trainer.evaluation;

import java.util.List;
import java.util.Optional;

/**
 * A published figure, read where {@code source} says.
 *
 * @param family as recipes name it
 * @param dataSet as recipes name it
 * @param levels levels of its values; 2: binarised anew for every use (Burda et al. 2016)
 * @param metric as bundles name it
 * @param value in the metric's unit
 * @param source who published it, and what differs
 */
public record Published(String family, String dataSet, int levels, String metric, double value, String source) {
    private static final String TABLE = "EugenHotaj/pytorch-generative, README, results table at commit d1f0a5c";

    private static final List<Published> ALL = List.of(
            new Published(
                    "vae",
                    "mnist",
                    2,
                    "evidence_bound",
                    86.77,
                    TABLE + ": convolutional VAE, images resized to 32 x 32, after hundreds of epochs"));

    /** The best known figure for the same family, data, levels and metric, if one could be read. */
    public static Optional<Published> of(String family, String dataSet, int levels, String metric) {
        return ALL.stream()
                .filter(figure -> figure.family().equals(family)
                        && figure.dataSet().equals(dataSet)
                        && figure.levels() == levels
                        && figure.metric().equals(metric))
                .findFirst();
    }
}
