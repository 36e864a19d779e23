package io.scanline.trainer.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scanline.bundle.v1.TextInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.text.Normalizer;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ids of words and characters, as a tokenizer.json of the Hugging Face tokenizers library with a WordPiece model: texts are
 * lower-cased, accents are taken off, and words are cut at spaces and punctuation. A word of the vocabulary is one id; any
 * other is the longest words and characters that make it, or unknown when a character of it is in none of the texts that the
 * vocabulary was made of.
 *
 * @param tokens by id
 */
public record Vocabulary(List<String> tokens) {
    /** Id that fills a text up. */
    public static final int PADDING = 0;
    /** Id of what is in no other. */
    public static final int UNKNOWN = 1;
    /** Id before a text. */
    public static final int START = 2;
    /** Id behind a text. */
    public static final int END = 3;

    /** Path of its file in a bundle. */
    public static final String FILE = "tokenizer.json";

    /** No text spells them: brackets are words by themselves. */
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[START]", "[END]");

    private static final String CONTINUED = "##";
    private static final int LONGEST_WORD = 100;
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}\\p{So}\\p{Sc}]+|[^\\s\\p{L}\\p{N}]");
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The vocabulary of some texts: all their characters, each as the start of a word and as its continuation, and their
     * words, the most frequent first and those that are equally frequent in alphabetical order.
     *
     * @param most ids
     * @throws IllegalArgumentException when there are more characters than that
     */
    public static Vocabulary of(Collection<String> texts, int most) {
        Map<String, Integer> counts = new TreeMap<>();
        TreeSet<String> characters = new TreeSet<>();
        for (String text : texts) {
            Matcher words = WORD.matcher(plain(text));
            while (words.find()) {
                counts.merge(words.group(), 1, Integer::sum);
                words.group().codePoints().mapToObj(Character::toString).forEach(characters::add);
            }
        }
        LinkedHashSet<String> tokens = new LinkedHashSet<>(SPECIAL);
        tokens.addAll(characters);
        characters.forEach(character -> tokens.add(CONTINUED + character));
        if (tokens.size() > most) {
            throw new IllegalArgumentException("the texts have " + characters.size() + " different characters, for which a"
                    + " vocabulary of " + most + " is too small");
        }
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())) // stable: alphabetical
                .map(Map.Entry::getKey)
                .takeWhile(word -> tokens.size() < most)
                .forEach(tokens::add);
        return new Vocabulary(List.copyOf(tokens));
    }

    /** As the tokenizer makes it before it looks for words. */
    private static String plain(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{Mn}", "")
                .toLowerCase(Locale.ROOT);
    }

    /**
     * How a model takes texts that are read with such a vocabulary.
     *
     * @param context most ids of a text
     */
    public static TextInput input(int context) {
        return TextInput.newBuilder()
                .setTokenizer(FILE)
                .setContext(context)
                .setPadding(PADDING)
                .build();
    }

    /** How many ids the content of a tokenizer.json has. */
    public static int size(byte[] json) throws IOException {
        return JSON.readTree(json).at("/model/vocab").size();
    }

    /** Content of tokenizer.json. */
    public byte[] json() {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        // Special tokens added here would be found in the text of whoever writes "[END]".
        root.putArray("added_tokens");
        root.putObject("normalizer")
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("strip_accents", true)
                .put("lowercase", true);
        root.putObject("pre_tokenizer").put("type", "BertPreTokenizer");
        ObjectNode template = root.putObject("post_processor").put("type", "TemplateProcessing");
        sequence(template.putArray("single"), "A");
        sequence(template.putArray("pair"), "A", "B");
        ObjectNode special = template.putObject("special_tokens");
        for (int id : List.of(START, END)) {
            ObjectNode token = special.putObject(SPECIAL.get(id)).put("id", SPECIAL.get(id));
            token.putArray("ids").add(id);
            token.putArray("tokens").add(SPECIAL.get(id));
        }
        root.putObject("decoder").put("type", "WordPiece").put("prefix", CONTINUED).put("cleanup", true);
        ObjectNode model = root.putObject("model")
                .put("type", "WordPiece")
                .put("unk_token", SPECIAL.get(UNKNOWN))
                .put("continuing_subword_prefix", CONTINUED)
                .put("max_input_chars_per_word", LONGEST_WORD);
        ObjectNode vocabulary = model.putObject("vocab");
        for (int id = 0; id < tokens.size(); id++) {
            vocabulary.put(tokens.get(id), id);
        }
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void sequence(ArrayNode template, String... sequences) {
        special(template, START);
        for (String sequence : sequences) {
            template.addObject().putObject("Sequence").put("id", sequence).put("type_id", 0);
            special(template, END);
        }
    }

    private static void special(ArrayNode template, int id) {
        template.addObject().putObject("SpecialToken").put("id", SPECIAL.get(id)).put("type_id", 0);
    }
}
