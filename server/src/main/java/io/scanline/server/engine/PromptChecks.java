package io.scanline.server.engine;

import io.scanline.contract.TextTokenizer;
import java.util.Optional;

/** Checks what requests say of a text to draw against one model. Fields are named as in scanline.v1. */
final class PromptChecks {
    /** Of a model that reads no texts. */
    static final PromptChecks READS_NONE = new PromptChecks(null, 1, 0, 0);

    private static final float MAX_GUIDANCE = 20;

    private final PromptReader reader; // null: the model reads no texts
    private final float recommended;
    private final int maxCharacters;
    private final int slots;

    /**
     * @param recommended guidance of requests that say none
     * @param maxCharacters characters (Unicode code points) of a text
     * @param slots of the model's decode lane
     */
    PromptChecks(PromptReader reader, float recommended, int maxCharacters, int slots) {
        this.reader = reader;
        this.recommended = recommended;
        this.maxCharacters = maxCharacters;
        this.slots = slots;
    }

    /**
     * The text to draw; empty of a model that reads none.
     *
     * @throws EngineException PROMPT_REQUIRED, PROMPT_NOT_SUPPORTED, PROMPT_TOO_LONG, INVALID_GUIDANCE
     */
    Optional<CheckedPrompt> check(PromptOptions asked) throws EngineException {
        if (asked.guidance().isPresent() && asked.text().isEmpty()) {
            throw guidance("guidance is said without a prompt that it could follow");
        }
        if (!reads(asked.text())) {
            return Optional.empty();
        }
        int[] ids = ids(asked.text().orElseThrow());
        float guidance = asked.guidance().orElse(recommended);
        if (!(guidance >= 0 && guidance <= MAX_GUIDANCE)) { // also refuses NaN
            throw guidance("guidance is " + guidance + "; it must be 0 to 20");
        }
        CheckedPrompt prompt = new CheckedPrompt(ids, reader.unknown(ids), guidance);
        if (prompt.guided() && slots < 2) {
            throw guidance("guidance is " + guidance + ", which takes two slots for an image, and the model has one;"
                    + " ask for guidance 1");
        }
        return Optional.of(prompt);
    }

    /**
     * The text that images are scored under, without guidance; empty of a model that reads none.
     *
     * @throws EngineException PROMPT_REQUIRED, PROMPT_NOT_SUPPORTED, PROMPT_TOO_LONG
     */
    Optional<CheckedPrompt> check(Optional<String> text) throws EngineException {
        return reads(text) ? check(new PromptOptions(text, Optional.of(1f))) : Optional.empty();
    }

    private boolean reads(Optional<String> text) throws EngineException {
        if (reader == null && text.isPresent()) {
            throw EngineException.field(
                    Reason.PROMPT_NOT_SUPPORTED, "prompt", "the model draws no texts; leave prompt out");
        }
        if (reader != null && text.isEmpty()) {
            throw EngineException.field(
                    Reason.PROMPT_REQUIRED, "prompt",
                    "the model draws what a text says; say what to draw, if only with an empty prompt");
        }
        return reader != null;
    }

    private int[] ids(String text) throws EngineException {
        int characters = text.codePointCount(0, text.length());
        if (characters > maxCharacters) {
            throw EngineException.field(
                    Reason.PROMPT_TOO_LONG, "prompt",
                    "prompt has " + characters + " characters; the most are " + maxCharacters);
        }
        try {
            return reader.ids(text);
        } catch (TextTokenizer.TooLong tooLong) {
            throw EngineException.field(Reason.PROMPT_TOO_LONG, "prompt", tooLong.getMessage());
        }
    }

    private static EngineException guidance(String message) {
        return EngineException.field(Reason.INVALID_GUIDANCE, "guidance", message);
    }
}
