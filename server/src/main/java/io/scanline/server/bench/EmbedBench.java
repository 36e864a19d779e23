package io.scanline.server.bench;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.contract.CpuKind;
import io.scanline.server.engine.BareEncoder;
import io.scanline.server.engine.BundleReader;
import io.scanline.server.engine.DecodingEngine;
import io.scanline.server.engine.EmbedInput;
import io.scanline.server.engine.EmbedRequest;
import io.scanline.server.engine.EngineConfig;
import io.scanline.server.engine.EngineException;
import io.scanline.server.engine.ModelInfo;
import io.scanline.server.engine.Reason;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Measures what the engine costs a look-up: requests of one or several images that nobody asked of before, and of one
 * that somebody did, over runs of the bare graph. Both take turns in one process, the first of them changing every
 * round; the ratio is the median of those of the rounds.
 */
final class EmbedBench {
    private static final double SECOND = 1e9;
    private static final int WARM_UPS = 2;

    private final EngineConfig config;
    private final int rounds;
    private final int requests;
    private final Random random = new Random(1);

    /**
     * @param rounds times that both sides take turns
     * @param requests requests, or runs, of one turn
     */
    EmbedBench(EngineConfig config, int rounds, int requests) {
        this.config = config;
        this.rounds = rounds;
        this.requests = requests;
    }

    /** One request of our side, or one run of the reference. */
    private interface Side {
        void take(List<EmbedInput> inputs) throws EngineException, GraphException, InterruptedException;
    }

    /**
     * Measures.
     *
     * @param name which model; empty: the first that embeds images
     * @throws EngineException MODEL_NOT_FOUND or MODEL_NOT_SERVING when there is no such model, or a failure of the
     *     engine
     * @throws GraphException when the bare graph cannot be used
     */
    List<BenchRow> run(String name) throws EngineException, GraphException, InterruptedException {
        try (DecodingEngine engine = DecodingEngine.open(config, new SimpleMeterRegistry())) {
            ModelInfo model = choose(engine, name);
            try (BareEncoder bare = new BareEncoder(
                    BundleReader.read(
                            config.models().resolve(model.name()).resolve(model.version()), config.maxBundleBytes()),
                    config.threads(), 8)) {
                List<BenchRow> rows = new ArrayList<>();
                for (int batch : bare.largest() == 1 ? List.of(1) : List.of(1, bare.largest())) {
                    rows.add(row("embed-over-bare batch=" + batch, model, batch,
                            () -> unknown(model, batch), inputs -> embed(engine, model, inputs),
                            inputs -> bare.run(batch)));
                }
                List<EmbedInput> known = unknown(model, 1);
                rows.add(row("cached-over-bare", model, 1,
                        () -> known, inputs -> embed(engine, model, inputs), inputs -> bare.run(1)));
                return rows;
            }
        }
    }

    private static ModelInfo choose(DecodingEngine engine, String name) throws EngineException {
        if (name.isEmpty()) {
            return engine.models().stream()
                    .filter(model -> model.serving() && model.bundle().orElseThrow().hasEmbedding())
                    .findFirst()
                    .orElseThrow(() -> EngineException.of(Reason.MODEL_NOT_FOUND, "no model that embeds serves"));
        }
        ModelInfo model = BenchModels.serving(engine, name);
        if (!model.bundle().orElseThrow().hasEmbedding()) {
            throw EngineException.of(Reason.MODEL_NOT_FOUND, name + " embeds nothing that could be measured");
        }
        return model;
    }

    /** Images of random levels, which nobody asked of before. */
    private List<EmbedInput> unknown(ModelInfo model, int count) {
        List<EmbedInput> inputs = new ArrayList<>();
        int levels = model.bundle().orElseThrow().getGeometry().getLevels();
        for (int i = 0; i < count; i++) {
            byte[] image = new byte[model.values()];
            for (int v = 0; v < image.length; v++) {
                image[v] = (byte) random.nextInt(levels);
            }
            inputs.add(new EmbedInput.Values(image));
        }
        return inputs;
    }

    private static void embed(DecodingEngine engine, ModelInfo model, List<EmbedInput> inputs)
            throws EngineException, InterruptedException {
        try {
            engine.embed(new EmbedRequest(model.name(), model.version(), inputs, Long.MAX_VALUE)).get();
        } catch (ExecutionException failed) {
            throw EngineException.caused(Reason.INTERNAL, "a look-up failed", failed.getCause());
        }
    }

    private BenchRow row(
            String name, ModelInfo model, int batch, Supplier<List<EmbedInput>> inputs, Side ours, Side reference)
            throws EngineException, GraphException, InterruptedException {
        for (int warmUp = 0; warmUp < WARM_UPS; warmUp++) {
            nanos(ours, inputs);
            nanos(reference, inputs);
        }
        double[] our = new double[rounds];
        double[] theirs = new double[rounds];
        double[] ratios = new double[rounds];
        for (int round = 0; round < rounds; round++) {
            boolean oursFirst = round % 2 == 0;
            double first = nanos(oursFirst ? ours : reference, inputs);
            double second = nanos(oursFirst ? reference : ours, inputs);
            our[round] = oursFirst ? first : second;
            theirs[round] = oursFirst ? second : first;
            ratios[round] = theirs[round] / our[round];
        }
        double images = (double) batch * requests * SECOND;
        return new BenchRow(
                name, images / BenchModels.median(our), images / BenchModels.median(theirs),
                BenchModels.median(ratios), "images/s",
                String.format(Locale.ROOT,
                        "%s/%s, %d threads, %s, medians of %d rounds of %d requests one after another, in turns",
                        model.name(), model.version(), config.threads(), CpuKind.current(), rounds, requests));
    }

    /** Time of one turn; its images are made before. */
    private double nanos(Side side, Supplier<List<EmbedInput>> inputs)
            throws EngineException, GraphException, InterruptedException {
        List<List<EmbedInput>> asked = Stream.generate(inputs).limit(requests).toList();
        long begun = System.nanoTime();
        for (List<EmbedInput> each : asked) {
            side.take(each);
        }
        return System.nanoTime() - begun;
    }
}
