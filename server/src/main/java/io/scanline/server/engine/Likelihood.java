package io.scanline.server.engine;

/** What a log-likelihood is. */
public enum Likelihood {
    /** None is known. */
    NONE,
    /** The log-likelihood itself. */
    EXACT,
    /** At most the log-likelihood, in expectation. */
    LOWER_BOUND,
    /** The log-likelihood of the codes of an image, which says nothing of the image given its codes. */
    CODES
}
