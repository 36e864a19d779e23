package io.scanline.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.Caption;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CaptionTextsTest {
    private static final int CONTEXT = 8;
    private static final Caption CAT = new Caption(List.of("cat"), List.of("animal", "pet"), "noto", "cat");
    private static final Caption OTHER_CAT = new Caption(List.of("cat"), List.of("animal", "pet"), "blob", "cat");
    private static final Caption DOG = new Caption(List.of("dog"), List.of(), "noto", "dog");
    private static final List<Caption> CAPTIONS = List.of(CAT, OTHER_CAT, DOG);

    private static CaptionTexts texts(double keywords, String... templates) throws IOException {
        CaptionTexts.Wording wording = new CaptionTexts.Wording(List.of(templates), keywords);
        byte[] json = CaptionTexts.vocabulary(CAPTIONS, wording, 200).json();
        return new CaptionTexts(CAPTIONS, wording, TextTokenizer.read(json, Vocabulary.input(CONTEXT)));
    }

    @Test
    void seedDecidesWhatIsSaidAndTemplatesNameTheStyle() throws IOException {
        CaptionTexts texts = texts(0, "{}", "{style} emoji of {}");
        int[] labels = new int[40]; // of the cat
        long[] tokens = texts.draw(labels, RivalTexts.NONE, 7).tokens().tokens();
        assertThat(texts.draw(labels, RivalTexts.NONE, 7).tokens().tokens()).isEqualTo(tokens);
        assertThat(texts.draw(labels, RivalTexts.NONE, 8).tokens().tokens()).isNotEqualTo(tokens);
        long[] lengths = texts.draw(labels, RivalTexts.NONE, 7).tokens().lengths();
        assertThat(Arrays.stream(lengths).distinct().sorted()).containsExactly(3L, 6L);
        int styled = IntStream.range(0, 40).filter(n -> lengths[n] == 6).findFirst().orElseThrow();
        assertThat(Arrays.copyOfRange(tokens, styled * CONTEXT, styled * CONTEXT + 6))
                .isEqualTo(Arrays.stream(texts.tokenizer().ids("noto emoji of cat")).asLongStream().toArray());
    }

    @Test
    void wordsThatAreNeverSaidAreNotInTheVocabulary() {
        List<String> keywords = CAPTIONS.get(0).keywords();
        CaptionTexts.Wording plain = new CaptionTexts.Wording(List.of("{}"), 0);
        CaptionTexts.Wording byKeywords = new CaptionTexts.Wording(List.of("{}"), 0.1);
        assertThat(keywords).isNotEmpty();
        assertThat(CaptionTexts.vocabulary(CAPTIONS, plain, 200).tokens()).doesNotContainAnyElementsOf(keywords);
        assertThat(CaptionTexts.vocabulary(CAPTIONS, byKeywords, 200).tokens()).containsAll(keywords);
    }

    @Test
    void keywordsStandForACaptionThatHasSome() throws IOException {
        CaptionTexts texts = texts(1, "{}");
        long[] tokens = texts.draw(new int[] {0, 2}, RivalTexts.NONE, 1).tokens().tokens();
        int[] cat = texts.tokenizer().ids("cat");
        assertThat(Arrays.stream(tokens).limit(CONTEXT)).doesNotContain((long) cat[1]);
        assertThat(Arrays.copyOfRange(tokens, CONTEXT, CONTEXT + 3))
                .isEqualTo(Arrays.stream(texts.tokenizer().ids("dog")).asLongStream().toArray());
    }

    @Test
    void asManyCaptionsAreLeftOutAsTheRecipeSays() throws IOException {
        CaptionTexts.Wording wording = new CaptionTexts.Wording(List.of("{}"), 0, 0.25);
        byte[] json = CaptionTexts.vocabulary(CAPTIONS, wording, 200).json();
        CaptionTexts texts =
                new CaptionTexts(CAPTIONS, wording, TextTokenizer.read(json, Vocabulary.input(CONTEXT)));
        CaptionTexts.Tokens said = texts.said(new int[2000], 1);
        long empty = Arrays.stream(said.lengths()).filter(length -> length == 2).count();
        assertThat(empty).isBetween(430L, 570L); // four standard errors
        assertThat(texts.said(new int[2000], 1).tokens()).isEqualTo(said.tokens());
        assertThat(texts.plain(new int[] {0, 2}).lengths()).containsExactly(3, 3);
        assertThat(texts(0, "{}").said(new int[100], 1).lengths()).doesNotContain(2);
    }

    @Test
    void imagesOfTheSameNameAreNoNegativesOfEachOther() throws IOException {
        CaptionTexts.Drawn drawn = texts(0, "{style} {}").draw(new int[] {0, 1, 2, 0}, RivalTexts.NONE, 1);
        assertThat(drawn.same()).containsExactly(
                false, true, false, true,
                true, false, false, true,
                false, false, false, false,
                true, true, false, false);
    }

    @Test
    void textsThatAreTooLongLoseTheirLastWords() throws IOException {
        CaptionTexts texts = texts(0, "{}");
        CaptionTexts.Tokens tokens =
                CaptionTexts.tokens(texts.tokenizer(), List.of("cat dog ".repeat(10), "", "#".repeat(50)));
        assertThat(tokens.lengths()).containsExactly(8, 2, 8);
        assertThat(tokens.tokens()[7]).isEqualTo(Vocabulary.END);
    }

    @Test
    void wrongWordingsAreNamed() {
        assertThatThrownBy(() -> new CaptionTexts.Wording(List.of("a picture"), 0).check()).hasMessageContaining("{}");
        assertThatThrownBy(() -> new CaptionTexts.Wording(List.of(), 0).check()).hasMessageContaining("templates");
        assertThatThrownBy(() -> new CaptionTexts.Wording(List.of("{}"), 1.5).check()).hasMessageContaining("keywords");
        assertThat(new CaptionTexts.Wording(List.of("{}", "{style} of {}"), 0).plainTemplates()).containsExactly("{}");
    }
}
