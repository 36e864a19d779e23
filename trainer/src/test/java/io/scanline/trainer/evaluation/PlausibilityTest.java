package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlausibilityTest {
    private static final int VALUES = 28 * 28;

    private static ImageGeometry geometry(int levels) {
        return ImageGeometry.newBuilder()
                .setWidth(28)
                .setHeight(28)
                .setChannels(1)
                .setLevels(levels)
                .build();
    }

    private static Metric metric(String name, double value, String unit) {
        return Metric.newBuilder().setName(name).setValue(value).setUnit(unit).build();
    }

    /** What a bundle of an autoregressive family of binary images has: bits first. */
    private static List<Metric> exact(double nats, double floorNats) {
        return List.of(
                metric("bits_per_dim", Likelihood.bitsPerDim(nats, VALUES), "bits/dim"),
                metric("negative_log_likelihood", nats, "nats/image"),
                metric("counted_floor", Likelihood.bitsPerDim(floorNats, VALUES), "bits/dim"));
    }

    private static List<Metric> bound(double nats, double floorNats) {
        return List.of(
                metric("evidence_bound", nats, "nats/image"), metric("counted_floor", floorNats, "nats/image"));
    }

    @Test
    void binaryImagesAreJudgedInNatsWithTheFloorInNatsToo() {
        MainFigure main = MainFigure.of(geometry(2), exact(81, 100.37));
        assertThat(main.figure().getName()).isEqualTo("negative_log_likelihood");
        assertThat(main.floor().orElseThrow().getValue()).isCloseTo(100.37, within(1e-9));
        assertThat(MainFigure.of(geometry(16), exact(81, 100.37)).figure().getName()).isEqualTo("bits_per_dim");
        assertThatThrownBy(() -> MainFigure.of(geometry(2), List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "79, 0, 0",
        "78, 0, 1", // below the best of any family
        "76.9, 1, 1",
        "100.36, 0, 0",
        "100.38, 1, 0",
        "NaN, 1, 0",
    })
    void exactLikelihoodsAndBoundsAreHeldBetweenALeakAndTheCountedFloor(double nats, int failures, int warnings) {
        for (List<Metric> figures : List.of(exact(nats, 100.37), bound(nats, 100.37))) {
            Plausibility found = Plausibility.of("mnist", geometry(2), figures, true);
            assertThat(found.failures()).hasSize(failures);
            assertThat(found.warnings()).hasSize(warnings);
        }
    }

    @Test
    void fewImagesMayBeEasy() {
        assertThat(Plausibility.of("mnist", geometry(2), exact(70, 100.37), false).failures()).isEmpty();
        assertThat(Plausibility.of("mnist", geometry(2), exact(101, 100.37), false).failures()).hasSize(1);
    }

    @Test
    void leastNatsAreThoseOfBinarisedMnistAlone() {
        assertThat(Plausibility.of("fashion-mnist", geometry(2), exact(70, 260), true).failures()).isEmpty();
        assertThat(Plausibility.of("mnist", geometry(256), exact(70, 260), true).failures()).isEmpty();
    }

    @Test
    void boundOfAModelOfIndependentLevelsIsWarnedOfOnly() {
        List<Metric> figures =
                List.of(metric("bits_per_dim_bound", 4, "bits/dim"), metric("counted_floor", 3.4, "bits/dim"));
        Plausibility found = Plausibility.of("fashion-mnist", geometry(256), figures, true);
        assertThat(found.failures()).isEmpty();
        assertThat(found.warnings()).singleElement().asString().contains("worse than counting");
    }

    @Test
    void figuresOfAUsersOwnImagesAndReconstructionsAreNotJudged() {
        assertThat(Plausibility.of("images", geometry(2), exact(300, 100), true).failures()).isEmpty();
        List<Metric> error = List.of(metric("squared_error", 2, ""), metric("pca_squared_error", 1, ""));
        assertThat(Plausibility.of("mnist", geometry(256), error, true).failures()).isEmpty();
    }

    @Test
    void failureIsThrownAfterTheWarningsAreReported() {
        List<String> reported = new ArrayList<>();
        assertThatThrownBy(() -> Plausibility.of("mnist", geometry(2), exact(60, 100), true).require(reported::add))
                .isInstanceOf(ImplausibleFigure.class)
                .hasMessageContaining("leak until explained");
        assertThat(reported).singleElement().asString().contains("warning: ").contains("78.61");
        assertThatCode(() -> Plausibility.of("mnist", geometry(2), exact(82, 100), true).require(reported::add))
                .doesNotThrowAnyException();
    }
}
