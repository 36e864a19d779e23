package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scanline.contract.LevelSampler;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Drawing levels in a graph, against the sampler of the contract. */
class ChunkSamplingTest {
    private static final int LEVELS = 7;
    private static final int CASES = 4000;
    /** Of a probability; sums in single precision differ by less. */
    private static final double MARGIN = 1e-4;

    private static OrtSession session;

    @BeforeAll
    static void write() throws OrtException {
        OnnxGraph graph = new OnnxGraph("sampling");
        for (String name : new String[] {"temperature", "top_p", "uniform"}) {
            graph.input(name, DataType.FLOAT, "batch", 1);
        }
        graph.input("logits", DataType.FLOAT, "batch", LEVELS);
        graph.input("top_k", DataType.INT64, "batch", 1);
        ChunkSampling sampling = new ChunkSampling(graph, LEVELS);
        String drawn = sampling.draw(
                "logits", new ChunkSampling.Choice("temperature", "top_k", "top_p", "uniform"));
        graph.rename(drawn, "drawn");
        graph.output("drawn", DataType.INT64, "batch", 1);
        graph.rename(sampling.logProbability("logits", "drawn"), "nats");
        graph.output("nats", DataType.FLOAT, "batch", 1);
        session = OrtEnvironment.getEnvironment().createSession(graph.build().toByteArray());
    }

    @AfterAll
    static void close() throws OrtException {
        session.close();
    }

    private record Case(float[] logits, float temperature, int topK, float topP, float uniform) {}

    private record Drawn(int level, float nats) {}

    private static Drawn[] draw(Case... cases) throws OrtException {
        float[][] logits = new float[cases.length][];
        float[][] temperature = new float[cases.length][1];
        float[][] topP = new float[cases.length][1];
        float[][] uniform = new float[cases.length][1];
        long[][] topK = new long[cases.length][1];
        for (int n = 0; n < cases.length; n++) {
            logits[n] = cases[n].logits();
            temperature[n][0] = cases[n].temperature();
            topK[n][0] = cases[n].topK();
            topP[n][0] = cases[n].topP();
            uniform[n][0] = cases[n].uniform();
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Drawn[] drawn = new Drawn[cases.length];
        try (OnnxTensor a = OnnxTensor.createTensor(environment, logits);
                OnnxTensor b = OnnxTensor.createTensor(environment, temperature);
                OnnxTensor c = OnnxTensor.createTensor(environment, topK);
                OnnxTensor d = OnnxTensor.createTensor(environment, topP);
                OnnxTensor e = OnnxTensor.createTensor(environment, uniform);
                OrtSession.Result result = session.run(
                        Map.of("logits", a, "temperature", b, "top_k", c, "top_p", d, "uniform", e))) {
            long[][] levels = (long[][]) result.get("drawn").orElseThrow().getValue();
            float[][] nats = (float[][]) result.get("nats").orElseThrow().getValue();
            for (int n = 0; n < cases.length; n++) {
                drawn[n] = new Drawn((int) levels[n][0], nats[n][0]);
            }
        }
        return drawn;
    }

    @Test
    void drawsWhatTheContractDraws() throws OrtException {
        Random random = new Random(1);
        Case[] cases = new Case[CASES];
        for (int n = 0; n < CASES; n++) {
            float[] logits = new float[LEVELS];
            for (int level = 0; level < LEVELS; level++) {
                // Whole numbers are often equal.
                logits[level] = n % 3 == 0 ? random.nextInt(3) : (float) (3 * random.nextGaussian());
            }
            float temperature = n % 5 == 0 ? 0 : n % 5 == 1 ? 1 : 0.05f + 2 * random.nextFloat();
            int topK = n % 2 == 0 ? LEVELS : 1 + random.nextInt(LEVELS);
            float topP = n % 4 < 2 ? 1 : Math.nextUp(random.nextFloat());
            cases[n] = new Case(logits, temperature, topK, topP, random.nextFloat());
        }
        Drawn[] drawn = draw(cases);
        LevelSampler sampler = new LevelSampler(LEVELS);
        int compared = 0;
        for (int n = 0; n < CASES; n++) {
            Case each = cases[n];
            int level = sampler.draw(
                    each.logits(), 0, each.temperature(), each.topK(), each.topP(), each.uniform());
            boolean decided = !(sampler.margin() < MARGIN) && each.topP() == kept(each);
            if (decided) {
                assertThat(drawn[n].level()).as("case " + n + ": " + each).isEqualTo(level);
                compared++;
            }
            assertThat(drawn[n].nats())
                    .isCloseTo((float) sampler.logProbability(each.logits(), 0, drawn[n].level()), within(1e-5f));
        }
        assertThat(compared).isGreaterThan(CASES * 9 / 10);
    }

    /** The share of probability that is kept, unless a slightly different one would keep other levels. */
    private static float kept(Case each) {
        LevelSampler sampler = new LevelSampler(LEVELS);
        for (float near : new float[] {0.9999f, 1.0001f}) {
            float topP = Math.min(1, each.topP() * near);
            for (float uniform : new float[] {0, each.uniform(), Math.nextDown(1f)}) {
                if (each.temperature() > 0
                        && each.topP() < 1
                        && sampler.draw(each.logits(), 0, each.temperature(), each.topK(), topP, uniform)
                                != sampler.draw(
                                        each.logits(), 0, each.temperature(), each.topK(), each.topP(), uniform)) {
                    return topP;
                }
            }
        }
        return each.topP();
    }

    @Test
    void likeliestLevelIsTheLowestOfEquals() throws OrtException {
        float[] logits = {1, 4, 2, 4, 4, 0, 3};
        Drawn[] drawn = draw(
                new Case(logits, 0, LEVELS, 1, 0.99f),
                new Case(logits, 1, 1, 1, 0.99f),
                new Case(logits, 1, LEVELS, 1e-30f, 0.99f),
                new Case(logits, 1e-40f, LEVELS, 1, 0));
        assertThat(drawn).extracting(Drawn::level).containsOnly(1);
    }

    @Test
    void levelsWithoutAWeightAreNeverDrawn() throws OrtException {
        float[] logits = {-200, -200, 0, -200, 0, -200, -200};
        assertThat(draw(new Case(logits, 1, LEVELS, 1, 0))[0].level()).isEqualTo(2);
        for (float uniform : new float[] {0.6f, Math.nextDown(1f), 1}) {
            assertThat(draw(new Case(logits, 1, LEVELS, 1, uniform))[0].level()).isEqualTo(4);
        }
        assertThat(draw(new Case(logits, 1, 1, 1, Math.nextDown(1f)))[0].level()).isEqualTo(2);
    }
}
