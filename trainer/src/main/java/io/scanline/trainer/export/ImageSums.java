package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.data.ImageSet;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Adds up what is measured of every image, by several threads with a session each.
 *
 * @param stored the bundle
 * @param threads that share the images
 */
record ImageSums(StoredBundle stored, int threads) {
    private static final int BATCH = 50;

    /** Measures some images. */
    @FunctionalInterface
    interface Measure {
        /**
         * Adds to sums.
         *
         * @param first index of the first image
         */
        void add(LatentSession session, List<byte[]> images, int first, double[] sums) throws OrtException;
    }

    /**
     * Sums over images.
     *
     * @param length number of sums
     * @param progress told how many images are done, by several threads
     */
    double[] of(ImageSet images, int length, Measure measure, IntConsumer progress)
            throws OrtException, InterruptedException {
        int[] done = new int[1];
        int batches = (images.size() + BATCH - 1) / BATCH;
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<double[]>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int begin = thread;
                parts.add(workers.submit(() -> {
                    double[] sums = new double[length];
                    try (LatentSession session = new LatentSession(stored)) {
                        for (int batch = begin; batch < batches; batch += threads) {
                            int first = batch * BATCH;
                            int end = Math.min(images.size(), first + BATCH);
                            measure.add(
                                    session,
                                    IntStream.range(first, end).mapToObj(images::image).toList(),
                                    first,
                                    sums);
                            synchronized (done) {
                                progress.accept(done[0] += end - first);
                            }
                        }
                    }
                    return sums;
                }));
            }
            double[] total = new double[length];
            for (Future<double[]> part : parts) {
                double[] sums = part.get();
                for (int i = 0; i < length; i++) {
                    total[i] += sums[i];
                }
            }
            return total;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OrtException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }
}
