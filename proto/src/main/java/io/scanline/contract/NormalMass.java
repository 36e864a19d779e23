package io.scanline.contract;

/** The mass of the standard normal distribution on an interval, as a logarithm that stays exact far from 0. */
final class NormalMass {
    private static final double ROOT_HALF = StrictMath.sqrt(0.5);
    private static final double LOG_ROOT_TWO_PI = 0.5 * StrictMath.log(2 * StrictMath.PI);
    private static final double LOG_TWO = StrictMath.log(2);

    /** Below this, width times distance from 0 is so small that two terms of a series are exact. */
    private static final double NARROW = 1e-3;

    private NormalMass() {}

    /**
     * Natural logarithm of the integral of the density from a to b.
     *
     * @param from a, perhaps negative infinity
     * @param to b, at least a, perhaps infinity
     */
    static double log(double from, double to) {
        if (to < 0 || to == 0 && from < 0) {
            return log(-to, -from);
        }
        if (from == to) {
            return Double.NEGATIVE_INFINITY;
        }
        double width = to - from;
        double middle = from + width / 2;
        if (width * StrictMath.max(1, StrictMath.abs(middle)) < NARROW) {
            return narrow(middle, width);
        }
        return from >= 0 ? above(from, to) : around(from, to);
    }

    /** Taylor's series of the density around the middle m: w * density(m) * (1 + (m * m - 1) * w * w / 24 + ..). */
    private static double narrow(double middle, double width) {
        double square = middle * middle;
        return StrictMath.log(width) - square / 2 - LOG_ROOT_TWO_PI
                + StrictMath.log1p((square - 1) * width * width / 24);
    }

    /** 0 <= a < b: with the mass above x as exp(-x * x / 2) * tail(x), nothing underflows. */
    private static double above(double from, double to) {
        double shrunk = StrictMath.exp(-(to - from) / 2 * (to + from));
        double beyond = shrunk == 0 ? 0 : shrunk * tail(to);
        return -from * from / 2 + StrictMath.log(tail(from) - beyond);
    }

    /** a < 0 < b: what is missing from 1 lies on both sides. */
    private static double around(double from, double to) {
        double outside = mass(-from) + mass(to);
        if (outside < 0.5) {
            return StrictMath.log1p(-outside);
        }
        return StrictMath.log(ErrorFunction.erf(to * ROOT_HALF) + ErrorFunction.erf(-from * ROOT_HALF)) - LOG_TWO;
    }

    /** The mass above x, 0 or more. */
    private static double mass(double x) {
        double density = StrictMath.exp(-x * x / 2);
        return density == 0 ? 0 : density * tail(x);
    }

    private static double tail(double x) {
        return ErrorFunction.scaledComplement(x * ROOT_HALF) / 2;
    }
}
