package io.scanline.trainer.evaluation;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import io.scanline.trainer.data.DataSets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Whether a likelihood can be true and is worth something: one worse than counting has learned nothing, and one that
 * no model is known to reach saw what it predicts. Of public data sets only: of a user's own images there may be too
 * few to count, and synthetic shapes are all but certain.
 *
 * @param failures what must not be reported as a result
 * @param warnings what a reader must know
 */
public record Plausibility(List<String> failures, List<String> warnings) {
    /** Nats an image of binarised MNIST below which no model is known; thresholded images reach them by counting. */
    public static final double LEAST_MNIST_NATS = 77;

    private static final Set<String> LIKELIHOODS =
            Set.of(MainFigure.BITS, MainFigure.NATS, "evidence_bound", "bits_per_code");
    /** A bound with values independent given the latent: counting neighbours may well be better. */
    private static final String BOUND_OF_LEVELS = "bits_per_dim_bound";

    /**
     * Judges the main figure.
     *
     * @param figures those of a bundle, the main one first
     * @param all whether it is of all test images: a few may be easy
     */
    public static Plausibility of(String dataSet, ImageGeometry geometry, List<Metric> figures, boolean all) {
        Plausibility found = new Plausibility(new ArrayList<>(), new ArrayList<>());
        MainFigure main = MainFigure.of(geometry, figures);
        String name = main.figure().getName();
        boolean likelihood = LIKELIHOODS.contains(name);
        boolean known = DataSets.all().stream().anyMatch(set -> set.name().equals(dataSet));
        if (!known || !likelihood && !name.equals(BOUND_OF_LEVELS)) {
            return found;
        }
        if (!Double.isFinite(main.figure().getValue())) {
            found.failures().add(name + " is " + main.figure().getValue());
            return found;
        }
        main.floor()
                .filter(floor -> main.figure().getValue() > floor.getValue())
                .map(floor -> worse(main.figure(), floor))
                .ifPresent(likelihood ? found.failures()::add : found.warnings()::add);
        if (all && geometry.getLevels() == 2 && likelihood) {
            found.compare(dataSet, main.figure());
        }
        return found;
    }

    private void compare(String dataSet, Metric nats) {
        if (dataSet.equals("mnist") && nats.getValue() < LEAST_MNIST_NATS) {
            failures.add(String.format(
                    Locale.ROOT,
                    "%.2f nats/image on binarised MNIST are below %.0f: a leak until explained (a value that sees"
                            + " itself or later ones, or thresholded images)",
                    nats.getValue(),
                    LEAST_MNIST_NATS));
        }
        Published.best(dataSet, 2)
                .filter(best -> nats.getValue() < best.value())
                .ifPresent(best -> warnings.add(String.format(
                        Locale.ROOT,
                        "%.2f nats/image are below the best published figure of any family, %.2f (%s): look for a leak",
                        nats.getValue(),
                        best.value(),
                        best.source())));
    }

    private static String worse(Metric figure, Metric floor) {
        return String.format(
                Locale.ROOT,
                "worse than counting: %s is %.4f %s, and counting gives %.4f (%s)",
                figure.getName(),
                figure.getValue(),
                figure.getUnit(),
                floor.getValue(),
                floor.getProtocol());
    }

    /**
     * Passes warnings on and refuses what failed.
     *
     * @param report told every warning
     * @throws ImplausibleFigure when something failed; the message says what
     */
    public void require(Consumer<String> report) throws ImplausibleFigure {
        warnings.forEach(warning -> report.accept("warning: " + warning));
        if (!failures.isEmpty()) {
            throw new ImplausibleFigure(String.join("; ", failures));
        }
    }
}
