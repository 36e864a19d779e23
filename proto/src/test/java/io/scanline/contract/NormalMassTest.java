package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reference values with 20 digits: Taylor's series and Laplace's continued fraction in 80-digit arithmetic. */
class NormalMassTest {
    private static final double ROUNDING = 1e-13; // per cent

    @ParameterizedTest
    @CsvSource({
        "0.1, 0.11246291601828489220",
        "0.46875, 0.49261347321793799158",
        "0.5, 0.52049987781304653768",
        "1, 0.84270079294971486934",
        "2, 0.99532226501895273416",
        "3, 0.99997790950300141455",
        "5, 0.99999999999846254020"
    })
    void erfHasItsTabulatedValues(double x, double erf) {
        assertThat(ErrorFunction.erf(x)).isCloseTo(erf, withinPercentage(5 * ROUNDING));
        assertThat(ErrorFunction.erf(-x)).isEqualTo(-ErrorFunction.erf(x));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "0.1, 0.8964569799691266419318",
        "0.46875, 0.6320696892495560781564",
        "0.5, 0.6156903441929258748707",
        "1, 0.4275835761558070044107",
        "2, 0.2553956763105057438650",
        "4, 0.1369994576250613898894",
        "5, 0.1107046377330686263702",
        "10, 0.0561409927438225858575",
        "1000, 0.0005641893014533876541"
    })
    void theScaledComplementHasItsTabulatedValues(double x, double complement) {
        assertThat(ErrorFunction.scaledComplement(x)).isCloseTo(complement, withinPercentage(5 * ROUNDING));
    }

    @ParameterizedTest
    @CsvSource({
        "8, 8.01, -37.563858400894544268",
        "40, 40.5, -804.60844201555032101",
        "40, Infinity, -804.60844201375378117",
        "1000, 1000.001, -500008.28536908460882",
        "0.3, 0.3002, -9.4811617311374768176",
        "1, 1.0015, -7.9219789851879729667",
        "-1, 2, -0.20016629432446257995",
        "-9, 9, -2.2571768119076812957e-19",
        "-0.2, 0.3, -1.6236832388683199957"
    })
    void massesAreExactInTheMiddleAndFarOut(double from, double to, double log) {
        // A width of a thousandth a thousand deviations out is itself known to 13 digits only.
        assertThat(NormalMass.log(from, to)).isCloseTo(log, withinPercentage(100 * ROUNDING));
        assertThat(NormalMass.log(-to, -from)).isEqualTo(NormalMass.log(from, to));
    }

    @Test
    void whatIsInfinitelyFarHasNoMass() {
        assertThat(NormalMass.log(1e200, Double.POSITIVE_INFINITY)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(NormalMass.log(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY))
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Property
    void massesOfNeighboursAddUp(
            @ForAll @DoubleRange(min = -30, max = 30) double from,
            @ForAll @DoubleRange(min = -14, max = 1) double firstExponent,
            @ForAll @DoubleRange(min = -14, max = 1) double secondExponent) {
        double first = Math.exp(firstExponent);
        double second = Math.exp(secondExponent);
        double middle = from + first;
        double to = middle + second;
        double whole = NormalMass.log(from, to);
        double parts = Math.exp(NormalMass.log(from, middle) - whole) + Math.exp(NormalMass.log(middle, to) - whole);
        assertThat(parts).isCloseTo(1, withinPercentage(1e-6));
    }
}
