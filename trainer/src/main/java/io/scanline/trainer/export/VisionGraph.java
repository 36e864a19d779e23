package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Classifier;
import io.scanline.bundle.v1.EmbeddingSpace;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.PictureFit;
import io.scanline.bundle.v1.PictureInput;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.Unordered;
import io.scanline.trainer.ops.WholeImage;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.Vocabulary;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The ONNX graphs of networks that look at images and texts. */
final class VisionGraph {
    private static final String BATCH = "batch";

    private VisionGraph() {}

    /**
     * Adds the graph and the classes to a description.
     *
     * @param background grey behind transparent places, as in the training images
     */
    static StoredBundle classifier(
            Bundle.Builder description,
            VisionTransformer network,
            Map<String, OnnxOps.Values> parameters,
            List<String> classNames,
            int background) {
        OnnxGraph graph = new OnnxGraph(VisionSession.CLASSIFIER);
        VisionTransformer.Answer<String> answer =
                network.classify(new OnnxOps(graph, parameters, new Unordered()), image(graph, network));
        Map<String, Object> widths = Map.of("logits", network.shape().classes(), "features", network.width());
        Graph described = describe(
                graph, VisionSession.CLASSIFIER, List.of("image"),
                Map.of("logits", answer.logits(), "features", answer.features()), widths);
        return new StoredBundle(
                description
                        .addGraphs(described)
                        .setClassifier(Classifier.newBuilder().addAllClassNames(classNames))
                        .setPictureInput(picture(background))
                        .build(),
                Map.of(described.getFile(), graph.build().toByteArray()));
    }

    /** Adds both graphs, the space and the tokenizer to a description. */
    static StoredBundle embedding(
            Bundle.Builder description,
            Clip network,
            Map<String, OnnxOps.Values> parameters,
            CaptionTexts.Wording wording,
            byte[] tokenizer,
            int background) {
        Clip.Config config = network.config();
        Map<String, Object> width = Map.of(VisionSession.EMBEDDING, config.dimensions());
        OnnxGraph images = new OnnxGraph(VisionSession.IMAGE_ENCODER);
        String image = network.embedImages(new OnnxOps(images, parameters, new Unordered()), image(images, network));
        Graph imageEncoder = describe(
                images, VisionSession.IMAGE_ENCODER, List.of("image"), Map.of(VisionSession.EMBEDDING, image), width);

        int context = config.text().context();
        OnnxGraph reader = new OnnxGraph(VisionSession.TEXT_ENCODER);
        String tokens = reader.input("tokens", DataType.INT64, BATCH, context);
        String lengths = reader.input("lengths", DataType.INT64, BATCH);
        String text = network.embedTexts(new OnnxOps(reader, parameters, new WholeImage(context)), tokens, lengths);
        Graph textEncoder = describe(
                reader, VisionSession.TEXT_ENCODER, List.of(tokens, lengths), Map.of(VisionSession.EMBEDDING, text), width);

        EmbeddingSpace.Builder space = EmbeddingSpace.newBuilder()
                .setDimensions(config.dimensions())
                .setScale((float) Math.exp(parameters.get(Clip.LOGIT_SCALE).values()[0]))
                .addAllPromptTemplates(wording.plainTemplates());
        if (config.sigmoid()) {
            space.setBias(parameters.get(Clip.LOGIT_BIAS).values()[0]);
        }
        return new StoredBundle(
                description
                        .addGraphs(imageEncoder)
                        .addGraphs(textEncoder)
                        .setEmbedding(space)
                        .setPictureInput(picture(background))
                        .setTextInput(Vocabulary.input(context))
                        .build(),
                Map.of(
                        imageEncoder.getFile(), images.build().toByteArray(),
                        textEncoder.getFile(), reader.build().toByteArray(),
                        Vocabulary.FILE, tokenizer));
    }

    /** Training pictures, too, were squares cut out of the middle. */
    static PictureInput picture(int background) {
        return PictureInput.newBuilder()
                .setFit(PictureFit.PICTURE_FIT_COVER)
                .setBackground(background)
                .build();
    }

    static String image(OnnxGraph graph, ImageNetwork network) {
        return graph.input(
                "image",
                DataType.FLOAT,
                BATCH,
                network.shape().channels(),
                network.shape().height(),
                network.shape().width());
    }

    /** Names the outputs (B, width) of a graph and describes it. */
    static Graph describe(
            OnnxGraph graph, String role, List<String> inputs, Map<String, String> outputs, Map<String, Object> widths) {
        Graph.Builder description = Graph.newBuilder().setRole(role).setVariant("fp32").setFile(role + ".onnx");
        inputs.forEach(input -> description.putTensors(input, input));
        new TreeMap<>(outputs).forEach((name, value) -> {
            graph.node("", "Identity", List.of(value), List.of(name));
            graph.output(name, DataType.FLOAT, BATCH, widths.get(name));
            description.putTensors(name, name);
        });
        return description.build();
    }
}
