package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.contract.TextTokenizer;
import io.scanline.trainer.text.CaptionTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads texts as a bundle that draws what a text says does it, one at a time, as a server would. Not safe for use by several
 * threads.
 */
public final class PromptReader implements AutoCloseable {
    /** Role of the graph from texts to what steps are shown of them. */
    static final String ROLE = "text_condition";

    private final TextTokenizer tokenizer;
    private final GraphSession graph;

    /**
     * A session of the bundle's graph.
     *
     * @throws IllegalArgumentException when the bundle has none
     */
    public PromptReader(StoredBundle stored) throws OrtException, IOException {
        graph = new GraphSession(stored, ROLE, "tokens", "lengths");
        tokenizer = VisionSession.tokenizer(stored);
    }

    /**
     * Token ids of a prompt, special ones included.
     *
     * @throws TextTokenizer.TooLong when they are more than the model takes
     */
    int[] ids(String text) {
        return tokenizer.ids(text);
    }

    /** Whether a text is no longer than the model takes. */
    boolean fits(String text) {
        try {
            return ids(text).length > 0;
        } catch (TextTokenizer.TooLong tooLong) {
            return false;
        }
    }

    /** What is shown of texts, by their places as labels. What is too long for the model loses words at its end. */
    Conditions conditions(List<String> texts) throws OrtException {
        List<float[]> vectors = new ArrayList<>();
        for (String text : texts) {
            vectors.add(condition(CaptionTexts.tokens(tokenizer, List.of(text))));
        }
        return new Conditions(vectors);
    }

    /** What is shown of texts, one vector behind the other. */
    float[] condition(CaptionTexts.Tokens texts) throws OrtException {
        return graph.run(
                        List.of(VisionSession.floats(texts.tokens()), VisionSession.floats(texts.lengths())),
                        texts.lengths().length)
                .get(StepGraph.CONDITION);
    }

    /** Token ids of texts; what is too long loses words at its end. */
    CaptionTexts.Tokens tokens(List<String> texts) {
        return CaptionTexts.tokens(tokenizer, texts);
    }

    @Override
    public void close() throws OrtException {
        graph.close();
        tokenizer.close();
    }
}
