package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.contract.LevelSampler;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.evaluation.Likelihood;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;

/**
 * Exact likelihood of images under a bundle, by its own step graph, which is what is shipped: with a KV cache over the
 * whole sequence of an image at once, otherwise step by step over several images at a time. Of a bundle whose steps are in chunks by
 * that graph, to which all values are given.
 */
public final class ExactLikelihood {
    /** Enough for the fixed cost of a step to hardly count. */
    private static final int IMAGES_IN_STEP = 32;

    private final StoredBundle stored;
    private final Conditions conditions;

    /** Likelihoods under this bundle. */
    public ExactLikelihood(StoredBundle stored) {
        this(stored, Conditions.NONE);
    }

    /** Likelihoods under one that is shown something of the images of every label, by the graphs that it has. */
    ExactLikelihood(StoredBundle stored, Conditions conditions) {
        this.stored = stored.drawn();
        this.conditions = conditions;
    }

    /** In words: how a bundle's likelihoods are computed. */
    public static String method(Bundle bundle) {
        StoredBundle stored = new StoredBundle(bundle, Map.of());
        Optional<Graph> step = stored.graph(StepGraph.ROLE);
        if (step.isEmpty()) {
            return "by the bundle's own chunk graph in " + stored.required(ChunkGraph.ROLE).getVariant() + ", "
                    + ChunkSampler.POSITIONS + " values at a time";
        }
        String variant = step.get().getVariant().isEmpty() ? StepGraph.PLAIN : step.get().getVariant();
        boolean cache = step.get().getState().hasKeyValueCache();
        return "by the bundle's own step graph in " + variant + ", " + (cache ? "all values at once" : "step by step");
    }

    /**
     * Sum of -log p(image | class) over images, in nats.
     *
     * @param images quantised as the bundle says; grids of codes where it draws those
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
                parts.add(workers.submit(() -> sum(images, first, threads, counted -> {
                    synchronized (done) {
                        done[0] += counted;
                        progress.accept(done[0]);
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

    private double sum(ImageSet images, int thread, int threads, IntConsumer progress) throws OrtException {
        if (stored.graph(StepGraph.ROLE).isEmpty()) {
            return new ChunkLikelihood(stored, conditions).sum(images, thread, threads, progress);
        }
        LevelSampler sampler = new LevelSampler(images.levels());
        int values = images.valuesPerImage();
        double nats = 0;
        boolean cache = stored.graph("step").stream().anyMatch(graph -> graph.getState().hasKeyValueCache());
        int batch = cache ? 1 : Math.min(IMAGES_IN_STEP, images.size());
        try (StepSession session = new StepSession(stored, batch, conditions)) {
            for (int first = thread * batch; first < images.size(); first += threads * batch) {
                List<byte[]> group = new ArrayList<>();
                int[] labels = new int[batch];
                for (int n = 0; n < batch; n++) {
                    int index = Math.min(first + n, images.size() - 1); // the last group repeats the last image
                    group.add(images.image(index));
                    labels[n] = images.labels()[index];
                }
                int counted = Math.min(batch, images.size() - first);
                float[] logits = session.imageLogits(group, labels);
                for (int i = 0; i < counted * values; i++) {
                    int level = group.get(i / values)[i % values] & 0xFF;
                    nats -= sampler.logProbability(logits, i * images.levels(), level);
                }
                progress.accept(counted);
            }
        }
        return nats;
    }
}
