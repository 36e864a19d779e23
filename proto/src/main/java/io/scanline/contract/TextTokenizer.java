package io.scanline.contract;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.scanline.bundle.v1.TextInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Turns texts into the token ids of a bundle, and back, as its tokenizer.json says. Trainer and server both read it by this
 * class, so that a text means the same to both. Needs the artifact ai.djl.huggingface:tokenizers, which depending on this module does
 * not bring along. Its native library comes out of its jar into a cache directory; nothing is fetched and nothing is reported.
 *
 * <p>Every text has ids or is refused: an empty one has the special ids only, and of unpaired surrogates each counts as a
 * question mark. Safe for use by several threads.
 */
public final class TextTokenizer implements AutoCloseable {
    static {
        // Otherwise it reports its use from virtual machines of one provider, and looks for builds for CUDA to download.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static final Map<String, String> AS_THE_FILE_SAYS =
            Map.of("addSpecialTokens", "true", "padding", "false", "truncation", "false");

    private final HuggingFaceTokenizer tokenizer;
    private final TextInput input;

    /** A text that makes more ids than a model takes. */
    public static final class TooLong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private TooLong(int tokens, int context) {
            super("the text makes " + tokens + " tokens, special ones included, and the model takes at most " + context);
        }
    }

    private TextTokenizer(HuggingFaceTokenizer tokenizer, TextInput input) {
        this.tokenizer = tokenizer;
        this.input = input;
    }

    /**
     * Reads a tokenizer.
     *
     * @param json content of its tokenizer.json
     * @param input how the bundle describes it
     * @throws IOException when it is no tokenizer
     */
    public static TextTokenizer read(byte[] json, TextInput input) throws IOException {
        try {
            return new TextTokenizer(
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), AS_THE_FILE_SAYS), input);
        } catch (RuntimeException broken) {
            throw new IOException(input.getTokenizer() + " is no tokenizer: " + broken.getMessage(), broken);
        }
    }

    /** How the bundle describes it. */
    public TextInput input() {
        return input;
    }

    /**
     * The ids of a text, special ones included, filling left out.
     *
     * @throws TooLong when they are more than the context
     */
    public int[] ids(String text) {
        // Unpaired surrogates are no characters, and the native side would not take them.
        String characters = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        Encoding encoding = tokenizer.encode(characters);
        long[] ids = encoding.getIds();
        if (ids.length > input.getContext()) {
            throw new TooLong(ids.length, input.getContext());
        }
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    /**
     * Writes the ids of a text, and filling behind them, where a text encoder's input has its row.
     *
     * @param tokens with place for as many ids as the context has
     * @param at index of the first
     * @return how many ids are not filling
     * @throws TooLong when they are more than the context
     */
    public int write(String text, long[] tokens, int at) {
        int[] ids = ids(text);
        Arrays.fill(tokens, at, at + input.getContext(), input.getPadding());
        for (int i = 0; i < ids.length; i++) {
            tokens[at + i] = ids[i];
        }
        return ids.length;
    }

    /** The text that ids make, special ones being spelled like others: words with a space between them. */
    public String text(int... ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), false);
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
