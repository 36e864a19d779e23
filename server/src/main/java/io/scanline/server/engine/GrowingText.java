package io.scanline.server.engine;

import io.scanline.contract.TextTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text of a caption, id by id. What an id adds depends on those before it: words have spaces between them, and a
 * character may be made of several ids. So all ids are spelled anew, and an id whose character is not complete yet
 * waits for the next one. Texts of ids, once told, are not taken back; joined they are the text.
 */
final class GrowingText {
    /** What stands for a character that is not complete. */
    private static final char REPLACEMENT = '\uFFFD';

    private final TextTokenizer tokenizer;
    private final int begin;
    private final List<Caption.Token> waiting = new ArrayList<>(0);
    private int[] ids = new int[16];
    private int count;
    private String told = "";

    /** @param begin the id that begins texts: wherever else it comes it has no text either */
    GrowingText(TextTokenizer tokenizer, int begin) {
        this.tokenizer = tokenizer;
        this.begin = begin;
    }

    /** Adds an id; answers the tokens whose texts are known now. */
    List<Caption.Token> add(int id, float logProbability) {
        waiting.add(new Caption.Token(id, "", logProbability));
        if (id != begin) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
            }
            ids[count++] = id;
        }
        String whole = whole();
        return whole.isEmpty() || whole.charAt(whole.length() - 1) != REPLACEMENT ? tell(whole) : List.of();
    }

    /** There will be no more ids; answers the tokens that still waited. */
    List<Caption.Token> end() {
        return waiting.isEmpty() ? List.of() : tell(whole());
    }

    /** What was told so far. */
    String told() {
        return told;
    }

    private String whole() {
        return tokenizer.text(Arrays.copyOf(ids, count));
    }

    private List<Caption.Token> tell(String whole) {
        String added = whole.substring(Math.min(told.length(), whole.length()));
        told += added;
        List<Caption.Token> tokens = new ArrayList<>(waiting);
        waiting.clear();
        Caption.Token last = tokens.remove(tokens.size() - 1);
        tokens.add(new Caption.Token(last.id(), added, last.logProbability()));
        return tokens;
    }
}
