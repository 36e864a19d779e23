package io.scanline.trainer.text;

import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.data.Caption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Texts of captions as a text encoder takes them. In training a caption is said in another way every time: by one of its
 * texts in one of the templates, or by some of its keywords.
 *
 * @param captions by label
 * @param wording how captions are said in training
 * @param tokenizer of the model
 */
public record CaptionTexts(List<Caption> captions, Wording wording, TextTokenizer tokenizer) {
    private static final String PLACE = "{}";
    private static final String STYLE = "{style}";
    private static final int MOST_KEYWORDS = 3;

    /**
     * How captions are said in training.
     *
     * @param templates of which one is drawn: "{}" stands for a text, "{style}" for the drawing's style
     * @param keywords share of the captions that are said by keywords alone, of those that have any
     * @param dropped share of the captions in whose place nothing is said
     */
    public record Wording(List<String> templates, double keywords, double dropped) {
        /** One that says something of every image. */
        public Wording(List<String> templates, double keywords) {
            this(templates, keywords, 0);
        }

        /**
         * Checks the parts.
         *
         * @throws IllegalArgumentException whose message says what a recipe needs
         */
        public void check() {
            if (templates == null
                    || templates.isEmpty()
                    || templates.size() > 256
                    || !templates.stream().allMatch(template -> template != null && template.contains(PLACE))) {
                throw new IllegalArgumentException("1 to 256 templates with " + PLACE + " in each");
            }
            if (!(keywords >= 0 && keywords <= 1)) {
                throw new IllegalArgumentException("a share of keywords from 0 to 1, not " + keywords);
            }
            if (!(dropped >= 0 && dropped < 1)) {
                throw new IllegalArgumentException("a share of dropped captions from 0 to below 1, not " + dropped);
            }
        }

        /** The templates that need nothing but a text. */
        public List<String> plainTemplates() {
            return templates.stream().filter(template -> !template.contains(STYLE)).toList();
        }
    }

    /**
     * Texts of several captions.
     *
     * @param tokens ids (B, T), filled up
     * @param lengths (B): ids that are not filling
     */
    public record Tokens(long[] tokens, long[] lengths) {}

    /**
     * Texts drawn for images: one for each, then those of rivals.
     *
     * @param tokens of them, (B + R, T)
     * @param same (B, B + R): whether image i and text j belong together although they are not of the same pair
     */
    public record Drawn(Tokens tokens, boolean[] same) {}

    /** The vocabulary of all that is said in training of these captions, of at most this many ids. */
    public static Vocabulary vocabulary(List<Caption> captions, Wording wording, int most) {
        Stream<String> said = captions.stream().flatMap(caption -> Stream.concat(
                caption.texts().stream(),
                Stream.concat(
                        wording.keywords() > 0 ? caption.keywords().stream() : Stream.<String>empty(),
                        Stream.of(caption.style()))));
        return Vocabulary.of(Stream.concat(wording.templates().stream(), said).toList(), most);
    }

    /** Texts for images of these labels, and of rivals: the same seed, the same texts. */
    public Drawn draw(int[] labels, RivalTexts rivals, long seed) {
        Random random = new Random(seed);
        List<Caption> said = new ArrayList<>(Arrays.stream(labels).mapToObj(captions::get).toList());
        List<String> texts = new ArrayList<>(said.stream().map(caption -> say(caption, random)).toList());
        // Not by their keywords, which may hold of the image too.
        for (Caption rival : rivals.draw(List.copyOf(said), random)) {
            said.add(rival);
            texts.add(inTemplate(rival, random));
        }
        int all = texts.size();
        boolean[] same = new boolean[labels.length * all];
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < all; j++) {
                same[i * all + j] = i != j && (texts.get(i).equals(texts.get(j))
                        || said.get(i).text().equals(said.get(j).text()));
            }
        }
        return new Drawn(tokens(tokenizer, texts), same);
    }

    /** Texts for images of these labels, as they are said in training: the same seed, the same texts. */
    public Tokens said(int[] labels, long seed) {
        Random random = new Random(seed);
        return tokens(tokenizer, Arrays.stream(labels).mapToObj(label -> say(captions.get(label), random)).toList());
    }

    /** The texts that figures are measured with. */
    public Tokens plain(int[] labels) {
        return tokens(tokenizer, Arrays.stream(labels).mapToObj(label -> captions.get(label).text()).toList());
    }

    private String say(Caption caption, Random random) {
        if (wording.dropped() > 0 && random.nextDouble() < wording.dropped()) {
            return "";
        }
        boolean byKeywords = random.nextDouble() < wording.keywords() && !caption.keywords().isEmpty();
        if (byKeywords) {
            List<String> words = new ArrayList<>(caption.keywords());
            Collections.shuffle(words, random);
            return String.join(", ", words.subList(0, 1 + random.nextInt(Math.min(MOST_KEYWORDS, words.size()))));
        }
        return inTemplate(caption, random);
    }

    private String inTemplate(Caption caption, Random random) {
        String text = caption.texts().get(random.nextInt(caption.texts().size()));
        String template = wording.templates().get(random.nextInt(wording.templates().size()));
        return template.replace(STYLE, caption.style()).replace(PLACE, text);
    }

    /** Token ids of texts. What is too long for the model loses words at its end. */
    public static Tokens tokens(TextTokenizer tokenizer, List<String> texts) {
        int context = tokenizer.input().getContext();
        long[] tokens = new long[texts.size() * context];
        long[] lengths = new long[texts.size()];
        for (int n = 0; n < lengths.length; n++) {
            lengths[n] = write(tokenizer, texts.get(n), tokens, n * context);
        }
        return new Tokens(tokens, lengths);
    }

    private static int write(TextTokenizer tokenizer, String text, long[] tokens, int at) {
        String shorter = text;
        while (true) {
            try {
                return tokenizer.write(shorter, tokens, at);
            } catch (TextTokenizer.TooLong tooLong) {
                int word = shorter.lastIndexOf(' ');
                shorter = shorter.substring(0, word > 0 ? word : shorter.length() / 2);
            }
        }
    }
}
