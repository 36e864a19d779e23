package io.scanline.server.engine;

import java.util.Optional;
import java.util.OptionalInt;

/** An admitted request for a caption. Given up, it leaves the queue at once and its slot at the next step. */
public interface Caption extends Admitted {
    /**
     * A token.
     *
     * @param id its id
     * @param text what it adds to the text; empty where a character is not complete yet
     * @param logProbability natural logarithm of its probability under the model itself, at most 0
     */
    record Token(int id, String text, float logProbability) {}

    /**
     * A complete caption.
     *
     * @param text the texts of all tokens, joined
     * @param logLikelihoodNats of its tokens and of its end, if the model ended it
     * @param ended whether the model ended it; otherwise it has as many tokens as were asked for
     * @param firstTokenMicros from the admission to the first token, or to the end if there is none
     * @param totalMicros from the admission to the end
     */
    record Result(String text, double logLikelihoodNats, boolean ended, long firstTokenMicros, long totalMicros) {}

    /** The seed in use. */
    long seed();

    /** Most tokens that it may have. */
    int maxTokens();

    /** Captions ahead of it that waited for a slot when its picture was ready; empty: the picture is not ready yet. */
    OptionalInt queuePosition();

    /** Tokens that can be read. */
    int tokens();

    /** One of them, counted from 0. */
    Token token(int index);

    /** What it came to; empty while it grows, or when it failed. All of its tokens can then be read. */
    Optional<Result> result();
}
