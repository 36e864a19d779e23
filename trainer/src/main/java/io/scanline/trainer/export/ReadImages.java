package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.WordMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What a captioner says of images, by the likeliest id at every step, beside what is true of them. A text and a true one are
 * compared as the tokenizer spells them, so that accents, and letters that it does not know, count alike.
 *
 * @param session of the captioner
 */
record ReadImages(CaptionSession session) {
    private static final int BATCH = 32;

    /**
     * How well each image is named.
     *
     * @param images levels
     * @param captions one for each
     * @param progress told how many are done
     */
    List<WordMatch> matches(ImageSet images, List<Caption> captions, IntConsumer progress) throws OrtException {
        List<WordMatch> matches = new ArrayList<>();
        for (int begin = 0; begin < images.size(); begin += BATCH) {
            int end = Math.min(images.size(), begin + BATCH);
            List<CaptionSession.Said> said =
                    session.say(IntStream.range(begin, end).mapToObj(images::image).toList());
            for (int n = begin; n < end; n++) {
                matches.add(match(session.text(said.get(n - begin).ids()), captions.get(n)));
            }
            progress.accept(end);
        }
        return matches;
    }

    /** How well a text names what a caption does. */
    WordMatch match(String said, Caption caption) {
        return WordMatch.of(said, caption.texts().stream().map(session::spelled).toList());
    }
}
