package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Captioning;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.State;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.CachedStep;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.Unordered;
import io.scanline.trainer.text.Vocabulary;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The ONNX graphs of a network that puts images into words. */
final class CaptionGraph {
    private CaptionGraph() {}

    /**
     * Adds both graphs, how they are to be used, and the tokenizer to a description.
     *
     * @param tokenizer content of tokenizer.json: ids that it does not have have no logits
     * @param background grey behind transparent places, as in the training images
     */
    static StoredBundle added(
            Bundle.Builder description,
            Captioner network,
            Map<String, OnnxOps.Values> parameters,
            byte[] tokenizer,
            int background)
            throws IOException {
        int ids = Vocabulary.size(tokenizer);
        StepGraph prefix = prefix(network, parameters);
        StepGraph step = step(network, parameters, ids);
        return new StoredBundle(
                description
                        .addGraphs(prefix.description())
                        .addGraphs(step.description())
                        .setPictureInput(VisionGraph.picture(background))
                        .setTextInput(Vocabulary.input(network.config().text().context()))
                        .setCaptioning(Captioning.newBuilder()
                                .setPrefix(network.prefix())
                                .setWidth(network.width())
                                .setBegin(Vocabulary.START)
                                .setEnd(Vocabulary.END)
                                .setVocabulary(ids))
                        .build(),
                Map.of(
                        prefix.description().getFile(), prefix.model().toByteArray(),
                        step.description().getFile(), step.model().toByteArray(),
                        Vocabulary.FILE, tokenizer));
    }

    /** Images to what their sequences begin with. */
    private static StepGraph prefix(Captioner network, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph(CaptionSession.PREFIX_GRAPH);
        OnnxOps ops = new OnnxOps(graph, parameters, new Unordered());
        Map<String, String> tensors = new TreeMap<>();
        String image = VisionGraph.image(graph, network);
        tensors.put(image, image);
        graph.rename(network.project(ops, network.features(ops, image)), CaptionSession.PREFIX);
        StepGraph.output(graph, tensors, CaptionSession.PREFIX, StepGraph.BATCH, network.prefix(), network.width());
        return new StepGraph(
                StepGraph.description(CaptionSession.PREFIX_GRAPH, tensors, State.getDefaultInstance())
                        .clearState()
                        .build(),
                graph.build());
    }

    /** Some positions of every slot, with cached state, to logits of the ids that come next. */
    private static StepGraph step(Captioner network, Map<String, OnnxOps.Values> parameters, int ids) {
        OnnxGraph graph = new OnnxGraph(CaptionSession.STEP);
        CachedStep state = new CachedStep(network.positions());
        OnnxOps ops = new OnnxOps(graph, parameters, state);
        Map<String, String> tensors = new TreeMap<>();
        String positions = StepGraph.POSITIONS;
        String vector = StepGraph.input(
                graph, tensors, CaptionSession.VECTOR, DataType.FLOAT, StepGraph.BATCH, positions, network.width());
        String token =
                StepGraph.input(graph, tensors, CaptionSession.TOKEN, DataType.INT64, StepGraph.BATCH, positions);
        String position =
                StepGraph.input(graph, tensors, CaptionSession.POSITION, DataType.INT64, StepGraph.BATCH, positions);
        String logits = network.logits(ops, network.states(ops, vector, token, position));
        graph.rename(ops.narrow(logits, 2, 0, ids), CaptionSession.LOGITS);
        StepGraph.output(graph, tensors, CaptionSession.LOGITS, StepGraph.BATCH, positions, ids);
        tensors.putAll(state.tensors());
        Graph description = StepGraph.description(CaptionSession.STEP, tensors, state.state()).build();
        return new StepGraph(description, graph.build());
    }
}
