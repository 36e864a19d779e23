package io.scanline.trainer.evaluation;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import java.util.List;
import java.util.Optional;

/**
 * The figure that a model is judged by, and what it is held against.
 *
 * @param figure of binary images in nats an image, as published figures are
 * @param floor in the same unit: what counting gives, or principal components, or real images in place of samples
 */
public record MainFigure(Metric figure, Optional<Metric> floor) {
    /** Exact likelihood, in bits of a value. */
    public static final String BITS = "bits_per_dim";
    /** Exact likelihood, in nats of an image. */
    public static final String NATS = "negative_log_likelihood";
    /** What counting gives. */
    public static final String COUNTED = "counted_floor";
    /** Before the name of a figure: what principal components give. */
    public static final String PRINCIPAL = "pca_";

    /** Before the name of a figure: what guessing gives. */
    public static final String CHANCE = "chance_";
    /** Before the name of a figure: what real images get in place of samples. */
    public static final String REAL = "real_";

    /**
     * Finds it among the figures of a bundle, the main one of which is first.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static MainFigure of(ImageGeometry geometry, List<Metric> figures) {
        if (figures.isEmpty()) {
            throw new IllegalArgumentException("the bundle has no figures");
        }
        Metric first = figures.get(0);
        Optional<Metric> nats = named(figures, NATS);
        if (geometry.getLevels() == 2 && first.getName().equals(BITS) && nats.isPresent()) {
            int values = geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
            return new MainFigure(nats.get(), named(figures, COUNTED).map(floor -> inNats(floor, values)));
        }
        return new MainFigure(
                first, named(figures, COUNTED)
                        .or(() -> named(figures, PRINCIPAL + first.getName()))
                        .or(() -> named(figures, CHANCE + first.getName()))
                        .or(() -> named(figures, REAL + first.getName())));
    }

    private static Metric inNats(Metric bits, int values) {
        return bits.toBuilder()
                .setValue(Likelihood.natsPerImage(bits.getValue(), values))
                .setUnit("nats/image")
                .build();
    }

    /** The figure of a name, if there is one. */
    public static Optional<Metric> named(List<Metric> figures, String name) {
        return figures.stream().filter(figure -> figure.getName().equals(name)).findFirst();
    }
}
