package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.trainer.data.ImageSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * What a bundle that looks at images says of all images of a set, by ONNX Runtime: its classes, its vectors, and the
 * features that Frechet distances are computed with.
 *
 * @param stored the bundle
 * @param threads that share the images, each with a session of its own
 */
public record ImageAnswers(StoredBundle stored, int threads) {
    private static final int BATCH = 50;

    /**
     * The features that a classifier's logits are an affine map of.
     *
     * @return (images, F), one row behind the other
     * @throws IllegalArgumentException when the bundle has no classifier, or one that gives no features
     */
    public float[] features(ImageSet images) throws IOException, OrtException, InterruptedException {
        if (!stored.required(VisionSession.CLASSIFIER).containsTensors("features")) {
            throw new IllegalArgumentException("the classifier of " + stored.bundle().getName() + " gives no features");
        }
        return of(images, done -> {}).get("features");
    }

    /**
     * Everything that it says.
     *
     * @param progress told how many images are done, by several threads
     * @return by contract name, one row behind the other in the order of the images
     */
    public Map<String, float[]> of(ImageSet images, IntConsumer progress)
            throws IOException, OrtException, InterruptedException {
        int batches = (images.size() + BATCH - 1) / BATCH;
        int[] done = new int[1];
        List<Map<String, float[]>> answers = new ArrayList<>();
        IntStream.range(0, batches).forEach(batch -> answers.add(Map.of()));
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> parts = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int begin = thread;
                parts.add(workers.submit(() -> {
                    try (VisionSession session = new VisionSession(stored)) {
                        for (int batch = begin; batch < batches; batch += threads) {
                            int end = Math.min(images.size(), (batch + 1) * BATCH);
                            List<byte[]> some =
                                    IntStream.range(batch * BATCH, end).mapToObj(images::image).toList();
                            Map<String, float[]> answer = session.look(some);
                            synchronized (done) {
                                answers.set(batch, answer);
                                progress.accept(done[0] += some.size());
                            }
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> part : parts) {
                part.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OrtException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            workers.shutdownNow();
        }
        return joined(answers);
    }

    private static Map<String, float[]> joined(List<Map<String, float[]>> parts) {
        Map<String, float[]> whole = new TreeMap<>();
        for (String name : parts.isEmpty() ? List.<String>of() : parts.get(0).keySet()) {
            float[] numbers = new float[parts.stream().mapToInt(part -> part.get(name).length).sum()];
            int at = 0;
            for (Map<String, float[]> part : parts) {
                System.arraycopy(part.get(name), 0, numbers, at, part.get(name).length);
                at += part.get(name).length;
            }
            whole.put(name, numbers);
        }
        return whole;
    }
}
