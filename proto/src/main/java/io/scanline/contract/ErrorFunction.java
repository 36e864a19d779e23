package io.scanline.contract;

/**
 * The error function and its scaled complement by the rational approximations of W. J. Cody, "Rational Chebyshev
 * approximations for the error function", Mathematics of Computation 23 (1969), as in CALERF of SPECFUN. Relative errors
 * of a few units in the last place. {@link StrictMath} only: the same on every JVM and CPU.
 */
final class ErrorFunction {
    /** Up to here erf itself is approximated, beyond it its complement. */
    private static final double SMALL = 0.46875;
    private static final double LARGE = 4;
    private static final double ONE_OVER_ROOT_PI = 5.6418958354775628695e-1;

    private static final double[] A = {
        3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02, 3.20937758913846947e03,
        1.85777706184603153e-1
    };
    private static final double[] B = {
        2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03, 2.84423683343917062e03
    };
    private static final double[] C = {
        5.64188496988670089e-1, 8.88314979438837594e00, 6.61191906371416295e01, 2.98635138197400131e02,
        8.81952221241769090e02, 1.71204761263407058e03, 2.05107837782607147e03, 1.23033935479799725e03,
        2.15311535474403846e-8
    };
    private static final double[] D = {
        1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02, 1.62138957456669019e03,
        3.29079923573345963e03, 4.36261909014324716e03, 3.43936767414372164e03, 1.23033935480374942e03
    };
    private static final double[] P = {
        3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1, 1.60837851487422766e-2,
        6.58749161529837803e-4, 1.63153871373020978e-2
    };
    private static final double[] Q = {
        2.56852019228982242e00, 1.87295284992346725e00, 5.27905102951428412e-1, 6.05183413124413191e-2,
        2.33520497626869185e-3
    };

    private ErrorFunction() {}

    /** erf(x) = 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x. */
    static double erf(double x) {
        double y = StrictMath.abs(x);
        if (y <= SMALL) {
            double square = y * y;
            return x * rational(A, B, square);
        }
        double rest = StrictMath.exp(-y * y) * scaledComplement(y);
        return x < 0 ? rest - 1 : 1 - rest;
    }

    /**
     * exp(x * x) * (1 - erf(x)), which falls like 1 / x where the complement itself underflows.
     *
     * @param x 0 or more
     */
    static double scaledComplement(double x) {
        if (x <= SMALL) {
            return StrictMath.exp(x * x) * (1 - erf(x));
        }
        if (x <= LARGE) {
            return rational(C, D, x);
        }
        double square = 1 / (x * x);
        return (ONE_OVER_ROOT_PI - square * rational(P, Q, square)) / x;
    }

    /**
     * Cody's quotient of two polynomials of one degree n, highest powers first: the numerator's coefficients are
     * its last element and then the others in order, the denominator's 1 and then all in order.
     */
    private static double rational(double[] numerator, double[] denominator, double x) {
        int degree = denominator.length;
        double above = numerator[degree];
        double below = 1;
        for (int i = 0; i < degree; i++) {
            above = above * x + numerator[i];
            below = below * x + denominator[i];
        }
        return above / below;
    }
}
