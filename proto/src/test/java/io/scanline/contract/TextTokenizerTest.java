package io.scanline.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.util.Utils;
import io.scanline.bundle.v1.TextInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TextTokenizerTest {
    private static final int UNKNOWN = 1;
    private static final int START = 2;
    private static final int END = 3;
    private static final int CAT = 4;
    private static final TextInput INPUT =
            TextInput.newBuilder().setTokenizer("tokenizer.json").setContext(8).setPadding(0).build();
    private static final String JSON = """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                            "strip_accents": true, "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "TemplateProcessing",
               "single": [{"SpecialToken": {"id": "[START]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                          {"SpecialToken": {"id": "[END]", "type_id": 0}}],
               "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 0}}],
               "special_tokens": {"[START]": {"id": "[START]", "ids": [2], "tokens": ["[START]"]},
                                  "[END]": {"id": "[END]", "ids": [3], "tokens": ["[END]"]}}},
             "decoder": null,
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": 100,
                       "vocab": {"[PAD]": 0, "[UNK]": 1, "[START]": 2, "[END]": 3, "cat": 4, "a": 5, "##t": 6, "c": 7,
                                 "##a": 8, "!": 9, "[": 10, "]": 11, "e": 12, "##n": 13, "##d": 14, "t": 15}}}
            """;
    private static TextTokenizer tokenizer;

    @BeforeAll
    static void read() throws IOException {
        tokenizer = TextTokenizer.read(JSON.getBytes(StandardCharsets.UTF_8), INPUT);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void caseAndAccentsDoNotMatter() {
        assertThat(tokenizer.ids("a cat!")).containsExactly(START, 5, CAT, 9, END);
        assertThat(tokenizer.ids("  À \t CÂT !\n")).containsExactly(START, 5, CAT, 9, END);
    }

    @Test
    void unknownWordsAreMadeOfPiecesAndUnseenScriptsAreUnknown() {
        assertThat(tokenizer.ids("catt")).containsExactly(START, CAT, 6, END);
        assertThat(tokenizer.ids("猫 a")).containsExactly(START, UNKNOWN, 5, END);
        assertThat(tokenizer.ids("😀")).containsExactly(START, UNKNOWN, END);
        assertThat(tokenizer.ids("猫猫")).containsExactly(START, UNKNOWN, UNKNOWN, END);
    }

    @Test
    void emptyTextsAndControlCharactersHaveTheSpecialIdsOnly() {
        assertThat(tokenizer.ids("")).containsExactly(START, END);
        assertThat(tokenizer.ids(" \u0000\u0007\u200B\uFFFD ")).containsExactly(START, END);
        assertThat(tokenizer.ids("c\u0000at")).containsExactly(START, CAT, END);
    }

    @Test
    void unpairedSurrogatesCountAsQuestionMarks() {
        assertThat(tokenizer.ids("cat \uD83D")).isEqualTo(tokenizer.ids("cat ?"));
        assertThat(tokenizer.ids("\uDE00cat")).isEqualTo(tokenizer.ids("?cat"));
    }

    @Test
    void specialIdsCannotBeSpelled() {
        assertThat(tokenizer.ids("[END]")).containsExactly(START, 10, 12, 13, 14, 11, END);
    }

    @Test
    void whatIsLongerThanTheContextIsRefused() {
        assertThat(tokenizer.ids("a a a a a a")).hasSize(8);
        assertThatThrownBy(() -> tokenizer.ids("a a a a a a a"))
                .isInstanceOf(TextTokenizer.TooLong.class)
                .hasMessageContaining("9 tokens")
                .hasMessageContaining("at most 8");
        assertThatThrownBy(() -> tokenizer.ids("a ".repeat(5000))).hasMessageContaining("5002 tokens");
        assertThat(tokenizer.ids("a".repeat(10_000)))
                .as("one word of more than 100 characters")
                .containsExactly(START, UNKNOWN, END);
    }

    @Test
    void fillingFollowsTheIds() {
        long[] tokens = new long[16];
        Arrays.fill(tokens, 99);
        assertThat(tokenizer.write("cat", tokens, 8)).isEqualTo(3);
        assertThat(tokens).containsExactly(99, 99, 99, 99, 99, 99, 99, 99, START, CAT, END, 0, 0, 0, 0, 0);
    }

    @Test
    void brokenFilesAreNamed() {
        assertThatThrownBy(() -> TextTokenizer.read("{}".getBytes(StandardCharsets.UTF_8), INPUT))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tokenizer.json is no tokenizer");
    }

    @Test
    void nothingIsReportedAndNothingIsFetched() {
        assertThat(Utils.isOfflineMode()).isTrue();
    }
}
