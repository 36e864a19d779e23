package io.scanline.server.bench;

import io.scanline.server.engine.ClassSelector;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.GenerationRequest;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.PrecisionChoice;
import io.scanline.server.engine.SamplingOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;

/**
 * Measures what guessing values gives: whole images of two engines in turns, one of which guesses. Every pair of images
 * is compared byte by byte.
 */
final class GuessBench {
    private static final int[] STREAMS = {1, 2, 4, 16};
    private static final int MOST_STREAMS = 16;
    private static final int MIN_ROUNDS = 5;
    private static final double SECOND = 1e9;
    /** Times the seconds of a row for which all is warmed up, at most. */
    private static final int WARM_UP = 10;
    private static final float[] TEMPERATURES = {1, 1, 1, 0.7f, 1.4f, 0};
    private static final int[] TOP_K = {0, 0, 0, 1, 2};
    private static final float[] TOP_P = {1, 1, 0.9f, 0.5f};

    private final EngineConfig config;
    private final ModelInfo model;
    private final String conditions;
    private final double minSeconds;

    /**
     * @param config the repository, threads and limits
     * @param model a model that has a draft
     * @param conditions of all rows, in words
     * @param minSeconds images are made for about this long in each row
     */
    GuessBench(EngineConfig config, ModelInfo model, String conditions, double minSeconds) {
        this.config = new EngineConfig(
                config.models(), MOST_STREAMS, 2 * MOST_STREAMS, MOST_STREAMS, config.threads(),
                config.maxBundleBytes());
        this.model = model;
        this.conditions = conditions;
        this.minSeconds = minSeconds;
    }

    /** Precisions of the model in which values are guessed, that of the rows first. */
    List<String> precisions() {
        return model.precisions().stream().filter(each -> !each.equals(PrecisionChoice.FP16)).toList();
    }

    /** Measures all rows. */
    void run(Consumer<BenchRow> rows) throws EngineException, InterruptedException {
        try (GuessPair engines = new GuessPair(config)) {
            for (int streams : STREAMS) {
                measure(engines, streams, rows);
            }
        }
    }

    private void measure(GuessPair engines, int streams, Consumer<BenchRow> rows)
            throws EngineException, InterruptedException {
        Random random = new Random(streams);
        WarmUp.repeat(WARM_UP * minSeconds, () -> engines.make(requests(random, streams), true));
        double[] before = engines.runsAndValues(model, precisions().get(0));
        List<GuessPair.Times> times = new ArrayList<>();
        long begun = System.nanoTime();
        while (times.size() < MIN_ROUNDS || System.nanoTime() - begun < 2 * minSeconds * SECOND) {
            times.add(engines.make(requests(random, streams), times.size() % 2 == 0));
        }
        double[] after = engines.runsAndValues(model, precisions().get(0));
        int different = times.stream().mapToInt(GuessPair.Times::different).sum();
        String bytes = different == 0 ? "bytes equal" : different + " of " + times.size() * streams + " images differ";
        if (streams == 1) {
            double runs = after[0] - before[0];
            double values = after[1] - before[1];
            rows.accept(new BenchRow(
                    "runs-per-pixel streams=1 model=" + model.name(), runs, values, "runs, pixels (less is better)",
                    conditions + ", " + times.size() + " images, " + bytes));
        }
        rows.accept(new BenchRow(
                "guess-over-plain streams=" + streams + " model=" + model.name(),
                median(times.stream().mapToDouble(pair -> pair.guessing() / 1e6)),
                median(times.stream().mapToDouble(pair -> pair.plain() / 1e6)),
                median(times.stream().mapToDouble(pair -> (double) pair.guessing() / pair.plain())),
                "ms (less is better)",
                conditions + ", medians of " + times.size() + " rounds in turns, " + bytes));
    }

    private List<GenerationRequest> requests(Random random, int streams) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            requests.add(request(random, precisions().get(0), SamplingOptions.NEUTRAL, new byte[0]));
        }
        return requests;
    }

    private GenerationRequest request(Random random, String precision, SamplingOptions sampling, byte[] prefix) {
        int classes = model.bundle().orElseThrow().getConditioning().getClassNamesCount();
        ClassSelector label =
                classes == 0 ? ClassSelector.NONE : new ClassSelector(OptionalInt.of(random.nextInt(classes)), "");
        return new GenerationRequest(
                model.name(), model.version(), label, OptionalLong.of(random.nextLong()), 1, sampling, prefix,
                Long.MAX_VALUE).prompted(BenchModels.prompt(model)).in(precision);
    }

    /**
     * Has both engines answer random requests, with all ways of sampling and with given values, 1 to 4 at a time.
     *
     * @param count of requests
     * @param precision of all of them
     * @return how many got other bytes when guessing
     */
    int prove(int count, String precision) throws EngineException, InterruptedException {
        Random random = new Random(count);
        int done = 0;
        int different = 0;
        try (GuessPair engines = new GuessPair(config)) {
            byte[] image = engines.image(request(random, precision, SamplingOptions.NEUTRAL, new byte[0]));
            while (done < count) {
                int streams = Math.min(count - done, 1 + random.nextInt(4));
                List<GenerationRequest> requests = new ArrayList<>();
                for (int i = 0; i < streams; i++) {
                    SamplingOptions sampling = new SamplingOptions(
                            TEMPERATURES[random.nextInt(TEMPERATURES.length)],
                            TOP_K[random.nextInt(TOP_K.length)],
                            TOP_P[random.nextInt(TOP_P.length)]);
                    int given = random.nextInt(3) == 0 ? random.nextInt(image.length) : 0;
                    requests.add(request(random, precision, sampling, Arrays.copyOf(image, given)));
                }
                different += engines.make(requests, random.nextBoolean()).different();
                done += streams;
            }
        }
        return different;
    }

    private static double median(DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
