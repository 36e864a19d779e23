package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.trainer.data.ImageSet;
import java.io.IOException;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Images that a bundle draws of texts, several of each.
 *
 * @param stored the bundle
 * @param each images of a text
 * @param guidance of classifier-free guidance; 1: none
 */
record DrawnCandidates(StoredBundle stored, int each, float guidance) {
    /** Of the request that they are images 0, 1, .. of. */
    static final long SEED = 1;

    private static final int BATCH = 32;

    /**
     * Draws them at temperature 1.
     *
     * @param texts by label, the empty one being label 0
     * @param progress told how many texts are done
     * @return those of label 1, those of label 2, .., with these labels
     */
    ImageSet of(List<String> texts, IntConsumer progress) throws IOException, OrtException {
        ImageGeometry geometry = stored.bundle().getGeometry();
        int count = (texts.size() - 1) * each;
        int length = geometry.getWidth() * geometry.getHeight() * geometry.getChannels();
        int[] labels = IntStream.range(0, count).map(n -> 1 + n / each).toArray();
        byte[] values = new byte[count * length];
        int batch = Math.min(BATCH, count);
        try (PromptReader reader = new PromptReader(stored);
                PromptSampler sampler = new PromptSampler(stored, reader.conditions(texts), batch, guidance)) {
            for (int first = 0; first < count; first += batch) {
                int start = first;
                // The last batch draws its last text again and again, for no one.
                int[] some = IntStream.range(0, batch).map(n -> labels[Math.min(start + n, count - 1)]).toArray();
                List<byte[]> drawn = sampler.draw(some, SEED, first, 1);
                int kept = Math.min(batch, count - first);
                for (int n = 0; n < kept; n++) {
                    System.arraycopy(drawn.get(n), 0, values, (first + n) * length, length);
                }
                progress.accept((first + kept) / each);
            }
        }
        return new ImageSet(
                values, labels, geometry.getWidth(), geometry.getHeight(), geometry.getChannels(), geometry.getLevels(),
                texts);
    }
}
