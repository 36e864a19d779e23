package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.contract.LevelSampler;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.Likelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/** Exact likelihood of images under a bundle: its own step graph over the whole sequence, which is what is shipped. */
public final class ExactLikelihood {
    private final Bundle bundle;
    private final byte[] onnx;

    /** Likelihoods under this bundle, whose step graph is given as the bytes of its ONNX file. */
    public ExactLikelihood(Bundle bundle, byte[] onnx) {
        this.bundle = bundle;
        this.onnx = onnx;
    }

    /**
     * Sum of -log p(image | class) over images, in nats.
     *
     * @param images quantised as the bundle says
     * @param threads that share the images
     * @param progress told the number of images done, by several threads
     */
    public Likelihood of(ImageSet images, int threads, IntConsumer progress) throws OrtException, InterruptedException {
        int[] done = new int[1];
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Double>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int first = thread;
                parts.add(workers.submit(() -> sum(images, first, threads, () -> {
                    synchronized (done) {
                        progress.accept(++done[0]);
                    }
                })));
            }
            double nats = 0;
            for (Future<Double> part : parts) {
                nats += part.get();
            }
            return new Likelihood(nats, images.size(), images.valuesPerImage());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OrtException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }

    private double sum(ImageSet images, int first, int stride, Runnable progress) throws OrtException {
        LevelSampler sampler = new LevelSampler(images.levels());
        int values = images.valuesPerImage();
        double nats = 0;
        try (StepSession session = new StepSession(bundle, onnx, 1)) {
            for (int n = first; n < images.size(); n += stride) {
                byte[] image = images.image(n);
                float[] logits = session.logits(List.of(image), new int[] {images.labels()[n]}, 0, values);
                for (int i = 0; i < values; i++) {
                    nats -= sampler.logProbability(logits, i * images.levels(), image[i] & 0xFF);
                }
                progress.run();
            }
        }
        return nats;
    }
}
