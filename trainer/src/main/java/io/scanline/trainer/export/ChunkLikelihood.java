package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.data.ImageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Likelihood of images under a bundle's chunk graph, which is given all values and tells the log-probability of each.
 *
 * @param stored a model of what it draws, whose steps are in chunks
 * @param conditions what the steps are shown of the images of every label
 */
record ChunkLikelihood(StoredBundle stored, Conditions conditions) {
    /** Images of a run: enough for the fixed cost of a loop to hardly count. */
    private static final int IMAGES = 16;

    /** Sum of -log p(image) over every {@code threads}-th group of images from {@code thread} on, in nats. */
    double sum(ImageSet images, int thread, int threads, IntConsumer progress) throws OrtException {
        int group = Math.max(1, Math.min(IMAGES, images.size() / threads));
        double nats = 0;
        try (ChunkSession session = new ChunkSession(stored, group, conditions)) {
            for (int first = thread * group; first < images.size(); first += threads * group) {
                int counted = Math.min(group, images.size() - first);
                for (int position = 0; position < images.valuesPerImage(); position += ChunkSampler.POSITIONS) {
                    nats -= chunk(session, images, first, group, counted, position);
                }
                progress.accept(counted);
            }
        }
        return nats;
    }

    private double chunk(ChunkSession session, ImageSet images, int first, int group, int counted, int position)
            throws OrtException {
        List<ChunkSession.Slot> slots = new ArrayList<>();
        for (int n = 0; n < group; n++) {
            int index = Math.min(first + n, images.size() - 1); // the last group repeats the last image
            byte[] image = images.image(index);
            int[] given = new int[ChunkSampler.POSITIONS];
            for (int i = 0; i < given.length && position + i < image.length; i++) {
                given[i] = image[position + i] & 0xFF;
            }
            slots.add(new ChunkSession.Slot(
                    image,
                    images.labels()[index],
                    position,
                    given,
                    new float[given.length],
                    ChunkSession.Choice.plain(images.levels(), n)));
        }
        List<ChunkSession.Drawn> told = session.run(slots);
        double sum = 0;
        for (int n = 0; n < counted; n++) {
            for (int i = 0; i < ChunkSampler.POSITIONS && position + i < images.valuesPerImage(); i++) {
                sum += told.get(n).logProbabilities()[i];
            }
        }
        return sum;
    }
}
