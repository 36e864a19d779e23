package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;

/** Draws what texts say, several images at a time. One thread; not safe for use by several. */
final class PromptSampler implements AutoCloseable {
    private static final int NOTHING = 0;

    private final float guidance;
    private final StepSession session;
    private final Sampler sampler;
    private final DrawnImages images;

    /**
     * Sessions of a bundle that draws what a text says.
     *
     * @param conditions of the empty text, as label 0, and of others
     * @param batch images at a time
     * @param guidance g of classifier-free guidance; 1: none, at half the cost
     */
    PromptSampler(StoredBundle stored, Conditions conditions, int batch, float guidance) throws OrtException {
        this.guidance = guidance;
        StoredBundle drawn = stored.drawn();
        session = new StepSession(drawn, guided() ? 2 * batch : batch, conditions);
        sampler = new Sampler(drawn.bundle(), session);
        images = new DrawnImages(stored);
    }

    private boolean guided() {
        return guidance != 1;
    }

    /**
     * Images {@code firstIndex}, .. of a request, as levels.
     *
     * @param labels of their texts, as many as a batch has
     */
    List<byte[]> draw(int[] labels, long seed, int firstIndex, float temperature) throws OrtException {
        List<byte[]> drawn = guided()
                ? sampler.draw(labels, NOTHING, guidance, seed, firstIndex, temperature)
                : sampler.draw(labels, seed, firstIndex, temperature);
        List<byte[]> levels = new ArrayList<>();
        for (byte[] codes : drawn) {
            levels.add(images.levels(codes));
        }
        return levels;
    }

    @Override
    public void close() throws OrtException {
        session.close();
        images.close();
    }
}
