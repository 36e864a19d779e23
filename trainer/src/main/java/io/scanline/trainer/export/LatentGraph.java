package io.scanline.trainer.export;

import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.models.ImageGenerator;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.LatentNetwork;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.onnx.TensorProto.DataType;
import io.scanline.trainer.ops.OnnxGraph;
import io.scanline.trainer.ops.OnnxOps;
import io.scanline.trainer.ops.Unordered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The encoder or the decoder of a latent network as an ONNX graph.
 *
 * @param description as a bundle has it; tensors have their contract names in the graph too
 * @param onnx bytes of the ONNX file
 */
record LatentGraph(Graph description, byte[] onnx) {
    private static final String IMAGE = "image";
    private static final String LATENT = "latent";
    private static final String TOKENS = "tokens";

    /** Adds both graphs and the latent space to a description. */
    static StoredBundle bundle(
            Bundle.Builder description, LatentNetwork network, Map<String, OnnxOps.Values> parameters) {
        LatentGraph encoder = encoder(network, parameters);
        LatentGraph decoder = decoder(network, parameters);
        return new StoredBundle(
                description
                        .setLatent(network.latent())
                        .addGraphs(encoder.description())
                        .addGraphs(decoder.description())
                        .build(),
                Map.of(
                        encoder.description().getFile(), encoder.onnx(),
                        decoder.description().getFile(), decoder.onnx()));
    }

    /** Adds the graph of a network that only draws, and its latent space, to a description. */
    static StoredBundle bundle(
            Bundle.Builder description, ImageGenerator network, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph(LatentSession.DECODER);
        String latent = graph.input(LATENT, DataType.FLOAT, new Object[] {"batch", network.latentSize()});
        List<String> inputs = new ArrayList<>(List.of(latent));
        Optional<String> label = network.shape().hasClasses()
                ? Optional.of(graph.input(LatentSession.LABEL, DataType.INT64, new Object[] {"batch"}))
                : Optional.empty();
        label.ifPresent(inputs::add);
        String image = network.draw(new OnnxOps(graph, parameters, new Unordered()), latent, label);
        ImageShape shape = network.shape();
        LatentGraph decoder = write(
                LatentSession.DECODER,
                graph,
                inputs,
                Map.of(IMAGE, image),
                new Object[] {"batch", shape.channels(), shape.height(), shape.width()});
        return new StoredBundle(
                description.setLatent(network.latent()).addGraphs(decoder.description()).build(),
                Map.of(decoder.description().getFile(), decoder.onnx()));
    }

    /** Images to latents. */
    private static LatentGraph encoder(LatentNetwork network, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph(LatentSession.ENCODER);
        String image = graph.input(IMAGE, DataType.FLOAT, imageShape(network));
        Map<String, String> outputs = network.encode(new OnnxOps(graph, parameters, new Unordered()), image);
        return write(LatentSession.ENCODER, graph, List.of(image), outputs, latentShape(network));
    }

    /** Latents to images. */
    private static LatentGraph decoder(LatentNetwork network, Map<String, OnnxOps.Values> parameters) {
        OnnxGraph graph = new OnnxGraph(LatentSession.DECODER);
        boolean tokens = network.latent().getKind() == LatentKind.LATENT_KIND_TOKENS;
        String latent = graph.input(
                tokens ? TOKENS : LATENT, tokens ? DataType.INT64 : DataType.FLOAT, latentShape(network));
        Map<String, String> outputs = network.decode(new OnnxOps(graph, parameters, new Unordered()), latent);
        return write(LatentSession.DECODER, graph, List.of(latent), outputs, imageShape(network));
    }

    private static LatentGraph write(
            String role, OnnxGraph graph, List<String> inputs, Map<String, String> outputs, Object[] shape) {
        Graph.Builder description =
                Graph.newBuilder().setRole(role).setVariant("fp32").setFile(role + ".onnx");
        inputs.forEach(input -> description.putTensors(input, input));
        new TreeMap<>(outputs).forEach((name, value) -> {
            graph.node("", "Identity", List.of(value), List.of(name));
            graph.output(name, name.equals(TOKENS) ? DataType.INT64 : DataType.FLOAT, shape);
            description.putTensors(name, name);
        });
        return new LatentGraph(description.build(), graph.build().toByteArray());
    }

    private static Object[] imageShape(LatentNetwork network) {
        Planes planes = network.planes();
        return new Object[] {"batch", planes.channels(), planes.height(), planes.width()};
    }

    private static Object[] latentShape(LatentNetwork network) {
        LatentSpace space = network.latent();
        List<Object> shape = new ArrayList<>(List.of("batch"));
        shape.addAll(space.getShapeList());
        return shape.toArray();
    }
}
