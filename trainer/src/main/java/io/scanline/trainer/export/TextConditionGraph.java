package io.scanline.trainer.export;

import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.TextCondition;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.WholeImage;
import io.scanline.trainer.text.Vocabulary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The ONNX graph that makes of a text what the steps of an image are shown of it. */
final class TextConditionGraph {
    private TextConditionGraph() {}

    /**
     * Adds the graph and the tokenizer to a bundle.
     *
     * @param tokenizer content of tokenizer.json
     * @param guidance recommended
     */
    static StoredBundle added(
            StoredBundle stored,
            TextPrior network,
            Map<String, OnnxOps.Values> parameters,
            byte[] tokenizer,
            float guidance) {
        int context = network.config().text().context();
        OnnxGraph graph = new OnnxGraph(PromptReader.ROLE);
        String tokens = graph.input("tokens", DataType.INT64, StepGraph.BATCH, context);
        String lengths = graph.input("lengths", DataType.INT64, StepGraph.BATCH);
        String condition = network.condition(
                new OnnxOps(graph, parameters, new WholeImage(context)), tokens, context, lengths);
        Graph described = VisionGraph.describe(
                graph,
                PromptReader.ROLE,
                List.of(tokens, lengths),
                Map.of(StepGraph.CONDITION, condition),
                Map.of(StepGraph.CONDITION, network.conditionWidth()));
        TextCondition text = TextCondition.newBuilder()
                .setWidth(network.conditionWidth())
                .setRecommendedGuidance(guidance)
                .build();
        Map<String, byte[]> files = new HashMap<>(stored.graphs());
        files.put(described.getFile(), graph.build().toByteArray());
        files.put(Vocabulary.FILE, tokenizer);
        return new StoredBundle(
                stored.bundle().toBuilder()
                        .addGraphs(0, described)
                        .setConditioning(Conditioning.newBuilder().setText(text))
                        .setTextInput(Vocabulary.input(context))
                        .build(),
                files);
    }
}
