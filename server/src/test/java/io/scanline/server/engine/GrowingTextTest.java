package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.contract.TextTokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Texts of ids joined are the text of all ids, for words and for bytes. */
class GrowingTextTest {
    private static final int NONE = -1;
    private static TextTokenizer words;
    private static TextTokenizer bytes;

    @BeforeContainer
    static void read() throws EngineException {
        words = LoadedLookModel.tokenizer(TinyBundle.verified(TinyCaptions.NAME));
        bytes = LoadedLookModel.tokenizer(TinyBundle.verified("tiny-clip"));
    }

    @AfterContainer
    static void close() {
        words.close();
        bytes.close();
    }

    private static List<Caption.Token> told(TextTokenizer tokenizer, int begin, int... ids) {
        GrowingText text = new GrowingText(tokenizer, begin);
        List<Caption.Token> told = new ArrayList<>();
        for (int id : ids) {
            told.addAll(text.add(id, -id));
        }
        told.addAll(text.end());
        assertThat(joined(told)).isEqualTo(text.told());
        assertThat(told).extracting(Caption.Token::id)
                .containsExactly(Arrays.stream(ids).boxed().toArray(Integer[]::new));
        assertThat(told).allMatch(token -> token.logProbability() == -token.id());
        return told;
    }

    private static String joined(List<Caption.Token> told) {
        return told.stream().map(Caption.Token::text).collect(Collectors.joining());
    }

    @Property(tries = 200)
    void textsOfWordsJoinedAreTheText(@ForAll @Size(max = 12) List<@IntRange(max = 66) Integer> ids) {
        int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
        assertThat(joined(told(words, NONE, all))).isEqualTo(words.text(all));
    }

    @Property(tries = 200)
    void textsOfBytesJoinedAreTheText(@ForAll @Size(max = 12) List<@IntRange(max = 255) Integer> ids) {
        int[] all = ids.stream().mapToInt(Integer::intValue).toArray();
        assertThat(joined(told(bytes, NONE, all))).isEqualTo(bytes.text(all));
    }

    @Example
    void characterIsToldOnceItIsComplete() {
        int[] ids = bytes.ids("a猫!");
        int[] inner = Arrays.copyOfRange(ids, 1, ids.length - 1);
        GrowingText text = new GrowingText(bytes, NONE);
        assertThat(text.add(inner[0], 0)).extracting(Caption.Token::text).containsExactly("a");
        assertThat(text.add(inner[1], 0)).isEmpty();
        assertThat(text.add(inner[2], 0)).isEmpty();
        assertThat(text.add(inner[3], 0)).extracting(Caption.Token::text).containsExactly("", "", "猫");
        assertThat(text.add(inner[4], 0)).extracting(Caption.Token::text).containsExactly("!");
        assertThat(text.end()).isEmpty();
    }

    @Example
    void textThatEndsInTheMiddleOfACharacterSaysSo() {
        int[] ids = bytes.ids("猫");
        List<Caption.Token> told = told(bytes, NONE, ids[1], ids[2]);
        assertThat(joined(told)).endsWith("\uFFFD");
    }

    @Example
    void idThatBeginsTextsHasNoText() {
        int[] ids = words.ids("green square");
        assertThat(told(words, ids[0], ids[0], ids[1], ids[0], ids[2])).extracting(Caption.Token::text)
                .containsExactly("", "green", "", " square");
    }
}
