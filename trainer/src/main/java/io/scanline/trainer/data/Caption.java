package io.scanline.trainer.data;

import java.util.List;

/**
 * What is said of images.
 *
 * @param texts that say it, at least one, all equally true; figures are measured with the first
 * @param keywords that belong to it, of which each says less than a text
 * @param style of the drawing, or an empty string where there is only one
 * @param subject what is shown, whatever is said of it: captions of the same subject are hard to tell apart
 */
public record Caption(List<String> texts, List<String> keywords, String style, String subject) {
    /** Checks that there is a text. */
    public Caption {
        texts = List.copyOf(texts);
        keywords = List.copyOf(keywords);
        if (texts.isEmpty()) {
            throw new IllegalArgumentException("a caption without a text");
        }
    }

    /** The text that figures are measured with. */
    public String text() {
        return texts.get(0);
    }
}
