package io.scanline.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LatentMeasuresTest {
    @Test
    void evenUseOfAllCodesHasTheirNumberAsPerplexity() {
        CodeUsage even = new CodeUsage(new long[] {5, 5, 5, 5, 5, 5, 5, 5});
        assertThat(even.share()).isEqualTo(1);
        assertThat(even.perplexity()).isCloseTo(8, within(1e-12));
        assertThat(even.bits(49)).isCloseTo(147, within(1e-12));
    }

    @Test
    void unusedCodesCountInTheShareAndInTheBits() {
        CodeUsage half = new CodeUsage(new long[] {7, 0, 7, 0});
        assertThat(half.share()).isEqualTo(0.5);
        assertThat(half.perplexity()).isCloseTo(2, within(1e-12));
        assertThat(half.bits(10)).isCloseTo(20, within(1e-12));
        assertThat(new CodeUsage(new long[] {3, 1}).perplexity())
                .isCloseTo(Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), within(1e-12));
    }

    @Test
    void signalToNoiseIsTheMeanSquaredErrorInDecibel() {
        Reconstruction reconstruction = new Reconstruction(0.5, 50);
        assertThat(reconstruction.meanSquaredError()).isCloseTo(0.01, within(1e-15));
        assertThat(reconstruction.signalToNoise()).isCloseTo(20, within(1e-12));
    }

    @Test
    void publishedFiguresAreOfTheSameProtocolOnly() {
        assertThat(Published.of("vae", "mnist", 2, "evidence_bound"))
                .hasValueSatisfying(figure -> assertThat(figure.source()).contains("pytorch-generative"));
        assertThat(Published.of("vae", "mnist", 256, "evidence_bound")).isEmpty();
        assertThat(Published.of("vae", "fashion-mnist", 2, "evidence_bound")).isEmpty();
    }

    @Test
    void bestPublishedFigureOfAnyFamilyIsNoWorseThanThatOfEveryFamily() {
        Published best = Published.best("mnist", 2).orElseThrow();
        assertThat(best.value()).isEqualTo(78.61);
        assertThat(best.author()).isEqualTo("EugenHotaj/pytorch-generative");
        assertThat(Published.of("pixel-cnn", "mnist", 2, "negative_log_likelihood"))
                .hasValueSatisfying(figure -> assertThat(figure.value()).isGreaterThan(best.value()));
        assertThat(Published.of("row-lstm", "mnist", 2, "negative_log_likelihood")).isEmpty();
        assertThat(Published.best("mnist", 256)).isEmpty();
    }
}
