package io.scanline.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.contract.TextTokenizer;
import java.io.IOException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private static final int CONTEXT = 4096;
    private static final List<String> TEXTS = List.of(
            "smiling cat with heart-eyes", "cat", "keycap #", "piñata", "smiling face", "red heart", "O button (blood type)");
    private static final Vocabulary VOCABULARY = Vocabulary.of(TEXTS, 200);
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void read() throws IOException {
        tokenizer = TextTokenizer.read(VOCABULARY.json(), Vocabulary.input(CONTEXT));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void wordsOfTheTextsAreWholeAndOthersAreMadeOfPieces() {
        assertThat(tokenizer.ids("Smiling CAT")).containsExactly(
                Vocabulary.START, id("smiling"), id("cat"), Vocabulary.END);
        assertThat(tokenizer.ids("pinata")).containsExactly(Vocabulary.START, id("pinata"), Vocabulary.END);
        assertThat(tokenizer.ids("cats")).containsExactly(Vocabulary.START, id("cat"), id("##s"), Vocabulary.END);
        assertThat(tokenizer.ids("heart-eyes #")).containsExactly(
                Vocabulary.START, id("heart"), id("-"), id("eyes"), id("#"), Vocabulary.END);
        assertThat(tokenizer.ids("猫")).containsExactly(Vocabulary.START, Vocabulary.UNKNOWN, Vocabulary.END);
    }

    @Test
    void idsAreSpelledAsTextsThatHaveTheSameIds() throws IOException {
        int[] ids = tokenizer.ids("Smiling cats PIÑATA (red-heart)");
        String spelled = tokenizer.text(Arrays.copyOfRange(ids, 1, ids.length - 1));
        assertThat(spelled).startsWith("smiling cats").contains("pinata");
        assertThat(tokenizer.ids(spelled)).isEqualTo(ids);
        assertThat(tokenizer.text()).isEmpty();
        assertThat(Vocabulary.size(VOCABULARY.json())).isEqualTo(VOCABULARY.tokens().size());
    }

    private static int id(String token) {
        int id = VOCABULARY.tokens().indexOf(token);
        assertThat(id).as(token).isNotNegative();
        return id;
    }

    @Test
    void frequentWordsComeFirstAndTheRestIsLeftOut() {
        Vocabulary small = Vocabulary.of(TEXTS, VOCABULARY.tokens().indexOf("cat") + 2);
        assertThat(small.tokens()).hasSize(VOCABULARY.tokens().indexOf("cat") + 2).contains("cat", "heart");
        assertThat(small.tokens()).doesNotContain("pinata");
        assertThat(Vocabulary.of(TEXTS, 200)).isEqualTo(VOCABULARY);
        assertThatThrownBy(() -> Vocabulary.of(TEXTS, 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vocabulary of 20 is too small");
    }

    @Test
    void tenThousandRandomTextsAreReadAsTheAlgorithmSays() {
        Random random = new Random(1);
        for (int n = 0; n < 10_000; n++) {
            String text = random(random);
            assertThat(tokenizer.ids(text)).as(text).isEqualTo(expected(text));
        }
    }

    /** Words of the texts, other letters, accents, punctuation, emoji, Chinese, control characters. */
    private static String random(Random random) {
        List<String> pieces = List.of(
                "cat", "CAT", "smiling", "heart", " ", " ", "\t", "\n", "-", "#", "(", "é", "Ñ", "x", "zebra", "ö",
                "\u0301", "!", "?", "\u0000", "\u0007", "\u007F", "猫", "字", "😀", "👩🏽‍🚀", "ß", "я", "[END]",
                "##t", "“", "\u200D", "\uFFFD");
        StringBuilder text = new StringBuilder();
        for (int piece = random.nextInt(12); piece > 0; piece--) {
            text.append(pieces.get(random.nextInt(pieces.size())));
        }
        return text.toString();
    }

    /** The same by the rules of BERT (Devlin et al. 2019), in another language and by another hand. */
    private static int[] expected(String text) {
        List<Integer> ids = new ArrayList<>(List.of(Vocabulary.START));
        for (String word : words(text)) {
            ids.addAll(pieces(word));
        }
        ids.add(Vocabulary.END);
        return ids.stream().mapToInt(id -> id).toArray();
    }

    private static List<String> words(String text) {
        StringBuilder clean = new StringBuilder();
        text.codePoints().forEach(character -> {
            if ("\t\n\r ".indexOf(character) >= 0) {
                clean.append(' ');
            } else if (character != 0 && character != 0xFFFD && !other(character)) {
                boolean chinese = Character.UnicodeScript.of(character) == Character.UnicodeScript.HAN;
                clean.append(chinese ? " " : "").appendCodePoint(character).append(chinese ? " " : "");
            }
        });
        String plain = Normalizer.normalize(clean, Normalizer.Form.NFD).replaceAll("\\p{Mn}", "").toLowerCase(Locale.ROOT);
        String apart = plain.replaceAll("[\\p{P}$+<=>^`|~]", " $0 ");
        return Stream.of(apart.split(" +")).filter(word -> !word.isEmpty()).toList();
    }

    /** Control and format characters. */
    private static boolean other(int character) {
        int type = Character.getType(character);
        return type == Character.CONTROL || type == Character.FORMAT;
    }

    private static List<Integer> pieces(String word) {
        List<Integer> pieces = new ArrayList<>();
        int[] characters = word.codePoints().toArray();
        for (int start = 0; start < characters.length; ) {
            int end = characters.length;
            int id = -1;
            while (end > start && id < 0) {
                String part = new String(characters, start, end - start);
                id = VOCABULARY.tokens().indexOf(start == 0 ? part : "##" + part);
                end -= id < 0 ? 1 : 0;
            }
            if (id < 0) {
                return List.of(Vocabulary.UNKNOWN);
            }
            pieces.add(id);
            start = end;
        }
        return pieces;
    }

    @Test
    void longTextsAreReadOrRefused() {
        assertThat(tokenizer.ids("cat ".repeat(2500))).hasSize(2502);
        assertThat(Arrays.stream(tokenizer.ids("zq".repeat(5000)))).containsExactly(
                Vocabulary.START, Vocabulary.UNKNOWN, Vocabulary.END);
        assertThatThrownBy(() -> tokenizer.ids("#".repeat(10_000))).isInstanceOf(TextTokenizer.TooLong.class);
    }
}
