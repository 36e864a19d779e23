package io.scanline.server.engine;

import static io.scanline.server.engine.OnnxModel.BOOL;
import static io.scanline.server.engine.OnnxModel.FLOAT;
import static io.scanline.server.engine.OnnxModel.FLOAT16;
import static io.scanline.server.engine.OnnxModel.INT64;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Element;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.KeyValueCache;
import io.scanline.bundle.v1.State;
import io.scanline.contract.CounterRandom;
import io.scanline.contract.CpuKind;
import io.scanline.server.runtime.ChunkGraph;
import io.scanline.server.runtime.ChunkProgram;
import io.scanline.server.runtime.Compute;
import io.scanline.server.runtime.GraphException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gives a copy of a test bundle a graph of role "chunk": one layer of attention with random weights, over keys and
 * values in 16-bit floats, that has nothing to do with the bundle's steps, and draws as {@link
 * io.scanline.contract.LevelSampler} does but in float32.
 */
final class TinyChunks {
    static final String FILE = "chunk.fp16.onnx";
    static final int HEADS = 2;
    static final int HEAD_SIZE = 4;

    private static final int WIDTH = HEADS * HEAD_SIZE;

    private final int steps;
    private final int levels;
    private final int classes;
    private final int condition;
    private final OnnxModel graph = new OnnxModel();
    private final Map<String, String> tensors = new TreeMap<>();

    private TinyChunks(Bundle bundle) {
        ValueGrid grid = ValueGrid.drawn(bundle);
        this.steps = grid.values();
        this.levels = grid.levels();
        this.classes = bundle.getConditioning().getClassNamesCount();
        this.condition = bundle.getConditioning().getText().getWidth();
    }

    /** Adds the graph and two golden samples to a bundle. */
    static void addTo(Path directory) throws IOException {
        TinyBundle.edit(directory, bundle -> {
            try {
                new TinyChunks(bundle.build()).add(directory, bundle);
            } catch (IOException | GraphException failed) {
                throw new IllegalStateException(failed);
            }
        });
    }

    private void add(Path directory, Bundle.Builder bundle) throws IOException, GraphException {
        write(directory, bundle, FILE, onnx());
        KeyValueCache.Builder cache = KeyValueCache.newBuilder().setLayers(1).setHeads(HEADS).setHeadSize(HEAD_SIZE)
                .setPositions(steps).setElement(Element.ELEMENT_FLOAT16);
        bundle.addGraphs(Graph.newBuilder().setRole("chunk").setVariant("fp16").setFile(FILE).putAllTensors(tensors)
                .setState(State.newBuilder().setKeyValueCache(cache)));
        for (int i = 0; i < 2; i++) {
            golden(directory, bundle, i);
        }
    }

    private static void write(Path directory, Bundle.Builder bundle, String path, byte[] bytes) throws IOException {
        Files.write(directory.resolve(path), bytes);
        bundle.addFiles(File.newBuilder().setPath(path).setBytes(bytes.length).setSha256(Sha256.hex(bytes)));
    }

    /**
     * What the graph draws for a seed; of a model that reads, for the text of the bundle's first sample. Of a prior,
     * whose samples are images too, how likely the codes of that one are, as if made on another machine.
     */
    private void golden(Path directory, Bundle.Builder bundle, int index) throws IOException, GraphException {
        GoldenSample first = bundle.getGoldenSamples(0);
        int seed = 70 + index;
        int label = classes == 0 ? 0 : index % classes;
        boolean prior = bundle.hasLatent();
        byte[] values = prior ? Files.readAllBytes(directory.resolve(first.getPixels())) : new byte[steps];
        ByteBuffer likelihoods = ByteBuffer.allocate(steps * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Bundle built = bundle.build();
        VerifiedBundle known = new VerifiedBundle(built, "", Map.of(FILE, Files.readAllBytes(directory.resolve(FILE))));
        ChunkFeed feed = new ChunkFeed(ValueGrid.drawn(built));
        try (ChunkGraph loaded = ChunkGraph.load(known.chunkFile(), known.chunkShape(), Compute.cpu(1));
                ChunkProgram program = loaded.newSingle(EngineConfig.DEFAULT_CHUNK)) {
            if (condition > 0) {
                byte[] vector = Files.readAllBytes(directory.resolve(first.getTextEmbedding()));
                program.condition().put(0, ByteBuffer.wrap(vector).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer(), 0,
                        condition);
            }
            ChunkFeed.label(program, 1, label);
            feed.neutral(program, 1, 1);
            for (int from = 0; from < steps; from += program.span()) {
                feed.show(program, 0, values, from, prior ? ChunkFeed.ALL_GIVEN : drawing(seed));
                program.run(1);
                for (int i = 0; i < program.span() && from + i < steps; i++) {
                    values[from + i] = (byte) program.drawn()[i];
                    likelihoods.putFloat(program.logProbability()[i]);
                }
            }
        }
        String path = "golden/chunk" + index;
        write(directory, bundle, path + ".pixels", values);
        write(directory, bundle, path + ".likelihoods", likelihoods.array());
        bundle.addGoldenSamples(first.toBuilder().setVariant("fp16").setSeed(seed).setLabel(label).setTemperature(1)
                .setSteps(steps).setPixels(path + ".pixels").setLogits(path + ".likelihoods")
                .setCpuKind(prior ? "Another-1" : CpuKind.current()).setAtol(1e-3).setRtol(1e-3));
    }

    /** Nothing given; the numbers of a seed with one channel. */
    static ChunkFeed.Values drawing(long seed) {
        return new ChunkFeed.Values() {
            @Override
            public boolean given(int position) {
                return false;
            }

            @Override
            public double uniform(int position) {
                return CounterRandom.uniform(seed, 0, position, 0);
            }
        };
    }

    private byte[] onnx() {
        input("values", INT64, -1, steps).input("first", INT64, -1).input("given", INT64, -1, -1);
        input("uniform", FLOAT, -1, -1).input("temperature", FLOAT, -1).input("top_k", INT64, -1);
        input("top_p", FLOAT, -1);
        input("past_key.0", FLOAT16, -1, HEADS, -1, HEAD_SIZE).input("past_value.0", FLOAT16, -1, HEADS, -1, HEAD_SIZE);
        if (classes > 0) {
            input("label", INT64, -1);
        }
        if (condition > 0) {
            input("condition", FLOAT, -1, condition).input("own", INT64, -1).input("other", INT64, -1);
            input("guidance", FLOAT, -1);
        }
        output("drawn", INT64, -1, -1).output("log_probability", FLOAT, -1, -1);
        output("new_key.0", FLOAT16, -1, HEADS, -1, HEAD_SIZE).output("new_value.0", FLOAT16, -1, HEADS, -1, HEAD_SIZE);
        constants();
        // Which positions of the past are read, and the value before the first one.
        graph.node("Shape", "past_key_0", "past_shape").nodeOf("Gather", "past_shape two", "shown", "axis", 0)
                .node("Range", "zero shown one", "places_shown")
                .node("Unsqueeze", "first axis_1", "first_column")
                .node("Less", "places_shown first_column", "seen")
                .node("Where", "seen none low", "bias_flat").node("Unsqueeze", "bias_flat axes_1_2", "bias")
                .node("Sub", "first_column one", "before").node("Max", "before zero", "before_inside")
                .nodeOf("GatherElements", "values before_inside", "value_before", "axis", 1)
                .node("Squeeze", "value_before axis_1", "value_before_flat")
                .node("Equal", "first zero", "begins").node("Where", "begins start value_before_flat", "previous_0");
        graph.node("Shape", "given", "given_shape").nodeOf("Gather", "given_shape one", "rounds", "axis", 0)
                .node("Slice", "past_key_0 list_0 list_0 list_2", "keys_0")
                .node("Slice", "past_value_0 list_0 list_0 list_2", "values_0")
                .loop("rounds  previous_0 keys_0 values_0",
                        "previous_n new_key_0 new_value_0 drawn_by_round likelihood_by_round", body())
                .node("Transpose", "drawn_by_round", "drawn", "perm", 1, 0)
                .node("Transpose", "likelihood_by_round", "log_probability", "perm", 1, 0);
        return graph.bytes();
    }

    private TinyChunks input(String role, int type, int... shape) {
        tensors.put(role, role.replace('.', '_'));
        graph.input(role.replace('.', '_'), type, shape);
        return this;
    }

    private TinyChunks output(String role, int type, int... shape) {
        tensors.put(role, role.replace('.', '_'));
        graph.output(role.replace('.', '_'), type, shape);
        return this;
    }

    private void constants() {
        long[] ranks = new long[levels];
        Arrays.setAll(ranks, rank -> rank);
        graph.integer("zero", 0).integer("one", 1).integer("two", 2).integer("start", levels)
                .integer("last_place", steps - 1).integer("top_level", levels - 1)
                .integers("list_0", 0).integers("list_1", 1).integers("list_2", 2).integers("axis_0", 0)
                .integers("axis_1", 1).integers("axes_1_2", 1, 2).integers("zeros_7", 0, 0, 0, 0, 0, 0, 0)
                .integers("to_heads", -1, HEADS, 1, HEAD_SIZE).integers("to_flat", -1, WIDTH)
                .integers("all_levels", levels).integers("ranks", ranks)
                .floats("none", new int[0], 0).floats("low", new int[0], -1e9f).floats("tiny", new int[0], 1e-6f)
                .floats("above_one", new int[0], 2);
        graph.weights("by_value", 1, levels + 1, WIDTH).weights("by_place", 2, steps, WIDTH)
                .weights("to_levels", 3, WIDTH, levels);
        if (classes > 0) {
            graph.weights("by_class", 4, classes, levels);
        }
        if (condition > 0) {
            graph.weights("by_text", 5, condition, levels);
        }
    }

    /** One position of every slot. */
    private OnnxModel body() {
        OnnxModel body = new OnnxModel()
                .input("round", INT64).input("goes_on", BOOL).input("previous", INT64, -1)
                .input("keys", FLOAT16, -1, HEADS, -1, HEAD_SIZE).input("vectors", FLOAT16, -1, HEADS, -1, HEAD_SIZE)
                .output("goes_on_too", BOOL).output("value", INT64, -1)
                .output("keys_more", FLOAT16, -1, HEADS, -1, HEAD_SIZE)
                .output("vectors_more", FLOAT16, -1, HEADS, -1, HEAD_SIZE)
                .output("value_told", INT64, -1).output("likelihood", FLOAT, -1);
        body.node("Add", "first round", "place").node("Min", "place last_place", "place_inside")
                .nodeOf("Gather", "by_value previous", "of_value", "axis", 0)
                .nodeOf("Gather", "by_place place_inside", "of_place", "axis", 0)
                .node("Add", "of_value of_place", "shown_flat").node("Reshape", "shown_flat to_heads", "query")
                .node("Neg", "query", "vector");
        body.nodeOf("Cast", "query", "key_16", "to", FLOAT16).nodeOf("Cast", "vector", "vector_16", "to", FLOAT16)
                .nodeOf("Concat", "keys key_16", "keys_more", "axis", 2)
                .nodeOf("Concat", "vectors vector_16", "vectors_more", "axis", 2)
                .nodeOf("Concat", "past_key_0 keys_more", "keys_all", "axis", 2)
                .nodeOf("Concat", "past_value_0 vectors_more", "vectors_all", "axis", 2)
                .nodeOf("Cast", "keys_all", "keys_32", "to", FLOAT)
                .nodeOf("Cast", "vectors_all", "vectors_32", "to", FLOAT)
                .node("Transpose", "keys_32", "keys_turned", "perm", 0, 1, 3, 2)
                .node("MatMul", "query keys_turned", "scores");
        body.node("Unsqueeze", "round axis_0", "round_listed").node("Add", "round_listed list_1", "new_ones")
                .nodeOf("Concat", "zeros_7 new_ones", "padding", "axis", 0).node("Pad", "bias padding", "bias_more")
                .node("Add", "scores bias_more", "scores_seen")
                .nodeOf("Softmax", "scores_seen", "attention", "axis", -1)
                .node("MatMul", "attention vectors_32", "attended").node("Reshape", "attended to_flat", "attended_flat")
                .node("MatMul", "attended_flat to_levels", "logits_of_history");
        if (classes > 0) {
            body.nodeOf("Gather", "by_class label", "logits_of_class", "axis", 0)
                    .node("Add", "logits_of_history logits_of_class", "logits");
        } else {
            body.node("MatMul", "condition by_text", "logits_of_text")
                    .node("Add", "logits_of_history logits_of_text", "logits");
        }
        guide(body);
        sample(body);
        return body;
    }

    private void guide(OnnxModel body) {
        if (condition == 0) {
            body.node("Identity", "logits", "logits_own").node("Identity", "logits", "logits_mixed");
            return;
        }
        body.nodeOf("Gather", "logits own", "logits_own", "axis", 0)
                .nodeOf("Gather", "logits other", "logits_other", "axis", 0)
                .node("Sub", "logits_own logits_other", "difference")
                .node("Unsqueeze", "guidance axis_1", "guidance_column")
                .node("Mul", "difference guidance_column", "guided").node("Add", "logits_other guided", "logits_mixed");
    }

    private static void sample(OnnxModel body) {
        body.nodeOf("LogSoftmax", "logits_own", "likelihoods", "axis", -1)
                .node("Max", "temperature tiny", "warm").node("Unsqueeze", "warm axis_1", "warm_column")
                .node("Div", "logits_mixed warm_column", "scaled")
                .nodeOf("Softmax", "scaled", "probabilities", "axis", -1);
        body.node("TopK", "probabilities all_levels", "sorted sorted_levels")
                .node("Unsqueeze", "top_k axis_1", "top_k_column").node("Less", "ranks top_k_column", "in_top_k")
                .node("Where", "in_top_k sorted none", "sorted_kept")
                .node("ReduceSum", "sorted_kept axis_1", "mass")
                .nodeOf("CumSum", "sorted_kept one", "reached", "exclusive", 1)
                .node("Unsqueeze", "top_p axis_1", "top_p_column").node("Mul", "mass top_p_column", "wanted")
                .node("Less", "reached wanted", "in_top_p").node("And", "in_top_k in_top_p", "kept")
                .node("Where", "kept sorted above_one", "sorted_in").node("ReduceMin", "sorted_in", "least", "axes", 1)
                .node("GreaterOrEqual", "probabilities least", "stays")
                .node("Where", "stays probabilities none", "weights");
        body.node("ReduceSum", "weights axis_1", "total").node("CumSum", "weights one", "cumulated")
                .nodeOf("Gather", "uniform round", "number", "axis", 1)
                .node("Unsqueeze", "number axis_1", "number_column")
                .node("Mul", "number_column total", "target").node("LessOrEqual", "cumulated target", "below")
                .nodeOf("Cast", "below", "below_ones", "to", INT64)
                .nodeOf("ReduceSum", "below_ones axis_1", "level_any", "keepdims", 0)
                .node("Min", "level_any top_level", "level_drawn")
                .nodeOf("ArgMax", "logits_mixed", "likeliest_column", "axis", 1)
                .node("Squeeze", "likeliest_column axis_1", "likeliest")
                .node("LessOrEqual", "temperature none", "cold").node("Where", "cold likeliest level_drawn", "level");
        body.nodeOf("Gather", "given round", "given_here", "axis", 1)
                .node("GreaterOrEqual", "given_here zero", "is_given")
                .node("Where", "is_given given_here level", "value")
                .node("Unsqueeze", "value axis_1", "value_column")
                .nodeOf("GatherElements", "likelihoods value_column", "likelihood_column", "axis", 1)
                .node("Squeeze", "likelihood_column axis_1", "likelihood")
                .node("Identity", "value", "value_told").node("Identity", "goes_on", "goes_on_too");
    }
}
