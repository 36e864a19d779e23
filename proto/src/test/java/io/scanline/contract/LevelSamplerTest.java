package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LevelSamplerTest {
    private static final float[] QUARTERS = {0, (float) Math.log(2), 0, -100}; // 1/4, 1/2, 1/4, 0

    private final LevelSampler sampler = new LevelSampler(4);

    private int draw(float temperature, int topK, float topP, double uniform) {
        return sampler.draw(QUARTERS, 0, temperature, topK, topP, uniform);
    }

    @Test
    void theUniformNumberIsLookedUpInTheCumulativeDistribution() {
        assertThat(draw(1, 0, 1, 0)).isZero();
        assertThat(draw(1, 0, 1, 0.249)).isZero();
        assertThat(draw(1, 0, 1, 0.251)).isEqualTo(1);
        assertThat(draw(1, 0, 1, 0.749)).isEqualTo(1);
        assertThat(draw(1, 0, 1, 0.751)).isEqualTo(2);
        assertThat(draw(1, 0, 1, Math.nextDown(1.0))).isGreaterThanOrEqualTo(2);
    }

    @Test
    void temperatureZeroTakesTheLowestOfTheLikeliest() {
        assertThat(draw(0, 0, 1, 0.99)).isEqualTo(1);
        assertThat(sampler.draw(new float[] {1, 3, 3, 2}, 0, 0, 0, 1, 0.99)).isEqualTo(1);
    }

    @Test
    void temperatureSharpensAndFlattens() {
        assertThat(draw(0.1f, 0, 1, 0.01)).isEqualTo(1); // 1/4 has become less than a thousandth
        assertThat(draw(10, 0, 1, 0.3)).isZero(); // and nearly a third
    }

    @Test
    void topKKeepsTheLowerOfEqualLevels() {
        assertThat(draw(1, 2, 1, 0.32)).isZero(); // 1/3, 2/3
        assertThat(draw(1, 2, 1, 0.34)).isEqualTo(1);
        assertThat(draw(1, 2, 1, 0.99)).isEqualTo(1);
        assertThat(draw(1, 1, 1, 0.01)).isEqualTo(1);
    }

    @Test
    void marginIsHowFarTheUniformNumberWasFromGivingAnotherLevel() {
        draw(1, 0, 1, 0.2);
        assertThat(sampler.margin()).isCloseTo(0.05, within(1e-6));
        draw(1, 0, 1, 0.3);
        assertThat(sampler.margin()).isCloseTo(0.05, within(1e-6));
        draw(1, 0, 1, 0.0);
        assertThat(sampler.margin()).isCloseTo(0.25, within(1e-6)); // there is nothing below the first level
        draw(1, 0, 1, 0.9);
        assertThat(sampler.margin()).isCloseTo(0.15, within(1e-6)); // nor above the last one that has a weight
        draw(1, 1, 1, 0.9);
        assertThat(sampler.margin()).isEqualTo(1);
        draw(0, 0, 1, 0.9);
        assertThat(sampler.margin()).isNaN();
    }

    @Test
    void topPKeepsTheFewestLevelsThatReachIt() {
        assertThat(draw(1, 0, 0.5f, 0.01)).isEqualTo(1);
        assertThat(draw(1, 0, 0.51f, 0.01)).isZero();
        assertThat(draw(1, 0, 0.51f, 0.99)).isEqualTo(1);
        assertThat(draw(1, 0, 1e-6f, 0.99)).isEqualTo(1);
    }

    @Test
    void logProbabilityIsThatOfTheSoftmax() {
        assertThat(Math.exp(sampler.logProbability(QUARTERS, 0, 0))).isCloseTo(0.25, within(1e-6));
        assertThat(Math.exp(sampler.logProbability(QUARTERS, 0, 1))).isCloseTo(0.5, within(1e-6));
    }

    @Property
    void logProbabilitiesSumToOne(@ForAll @Size(4) float @FloatRange(min = -50, max = 50) [] logits) {
        double sum = 0;
        for (int level = 0; level < 4; level++) {
            sum += Math.exp(sampler.logProbability(logits, 0, level));
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
    }

    @Property
    void everyDrawnLevelIsOneOfTheKept(
            @ForAll @Size(4) float @FloatRange(min = -50, max = 50) [] logits,
            @ForAll @IntRange(min = 1, max = 4) int topK,
            @ForAll @FloatRange(min = 0.01f, max = 1) float topP,
            @ForAll @FloatRange(min = 0.05f, max = 10) float temperature,
            @ForAll @DoubleRange(min = 0, max = 1, maxIncluded = false) double uniform) {
        int level = sampler.draw(logits, 0, temperature, topK, topP, uniform);
        int likelier = 0;
        for (float logit : logits) {
            likelier += logit > logits[level] ? 1 : 0;
        }
        assertThat(likelier).isLessThan(topK);
    }

    @Test
    void offsetSelectsTheDistribution() {
        float[] two = {9, 0, 0, 0, 0, 0, 0, 9};
        assertThat(sampler.draw(two, 4, 1, 0, 1, 0.5)).isEqualTo(3);
        assertThat(sampler.logProbability(two, 4, 3)).isGreaterThan(-0.01);
    }

    @Property
    void probabilityOfTheDrawnLevelIsBitForBitThatOfTheLevel(
            @ForAll @Size(4) float[] logits,
            @ForAll @IntRange(max = 2) int temperature,
            @ForAll @IntRange(max = 4) int topK,
            @ForAll @FloatRange(min = 0.1f, max = 1) float topP,
            @ForAll @DoubleRange(min = 0, max = 0.99) double uniform) {
        int level = sampler.draw(logits, 0, temperature, topK, topP, uniform);
        assertThat(sampler.logProbabilityOfDrawn(logits, 0, level))
                .isEqualTo(new LevelSampler(4).logProbability(logits, 0, level));
    }

    /** Dropping all but the k likeliest, the lower one of equals first, is the same as their having no probability. */
    @Property(tries = 200)
    void topKKeepsTheLikeliestOfManyLevels(
            @ForAll @Size(min = 2, max = 300) List<@IntRange(max = 9) Integer> given,
            @ForAll @IntRange(min = 1, max = 300) int k,
            @ForAll @DoubleRange(max = 1, maxIncluded = false) double uniform) {
        int levels = given.size();
        float[] logits = new float[levels];
        for (int level = 0; level < levels; level++) {
            logits[level] = given.get(level) / 3f;
        }
        List<Integer> order = new ArrayList<>(IntStream.range(0, levels).boxed().toList());
        order.sort(Comparator.comparingDouble(level -> -logits[level])); // stable
        float[] kept = logits.clone();
        order.stream().skip(k).forEach(level -> kept[level] = Float.NEGATIVE_INFINITY);
        LevelSampler many = new LevelSampler(levels);
        assertThat(many.draw(logits, 0, 0.8f, k, 1, uniform)).isEqualTo(many.draw(kept, 0, 0.8f, 0, 1, uniform));
    }
}
