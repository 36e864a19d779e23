package io.scanline.server.engine;

import static io.scanline.server.engine.OnnxModel.FLOAT;
import static io.scanline.server.engine.OnnxModel.UINT8;

import com.google.protobuf.util.JsonFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.PictureFit;
import io.scanline.bundle.v1.TensorForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Bundles as a person writes them around a graph, of images of 4 x 3 RGB, before they are sealed. */
final class HandWritten {
    static final int COLUMNS = 4;
    static final int ROWS = 3;
    static final int CHANNELS = 3;
    static final int VALUES = COLUMNS * ROWS * CHANNELS;

    private HandWritten() {}

    private static Bundle.Builder bundle(String role, String input, String output) {
        Bundle.Builder bundle = Bundle.newBuilder();
        bundle.getGeometryBuilder().setWidth(COLUMNS).setHeight(ROWS).setChannels(CHANNELS);
        bundle.addGraphs(Graph.newBuilder()
                .setRole(role).setFile("model.onnx").putTensors(input, "in").putTensors(output, "out"));
        return bundle;
    }

    static Bundle.Builder classifier() {
        Bundle.Builder bundle = bundle("classifier", "image", "logits");
        bundle.getClassifierBuilder().addAllClassNames(List.of("disc", "square", "cross"));
        bundle.getPictureInputBuilder().setFit(PictureFit.PICTURE_FIT_COVER);
        return bundle;
    }

    static Bundle.Builder imageTower(int dimensions) {
        Bundle.Builder bundle = bundle("image_encoder", "image", "embedding");
        bundle.getEmbeddingBuilder().setDimensions(dimensions);
        bundle.getPictureInputBuilder().setFit(PictureFit.PICTURE_FIT_COVER);
        return bundle;
    }

    static Bundle.Builder decoder(int components) {
        Bundle.Builder bundle = bundle("decoder", "latent", "image");
        bundle.getLatentBuilder().setKind(LatentKind.LATENT_KIND_GAUSSIAN).addShape(components);
        return bundle;
    }

    /** Gives a tensor a form. */
    static Bundle.Builder with(Bundle.Builder bundle, String role, TensorForm.Builder form) {
        bundle.getGraphsBuilder(0).putForms(role, form.build());
        return bundle;
    }

    /** Puts it into a repository and seals it. */
    static Path seal(Path repository, String name, Bundle.Builder bundle, OnnxModel model)
            throws IOException, EngineException {
        Path directory = write(repository, name, bundle, model);
        BundleSeal.seal(directory, config(repository));
        return directory;
    }

    static Path write(Path repository, String name, Bundle.Builder bundle, OnnxModel model) throws IOException {
        Path directory = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(directory.resolve("bundle.json"), JsonFormat.printer().print(bundle));
        Files.write(directory.resolve("model.onnx"), model.bytes());
        return directory;
    }

    static EngineConfig config(Path repository) {
        return new EngineConfig(repository, 2, 4, 2, 1, 1 << 20);
    }

    static DecodingEngine open(Path repository) {
        return DecodingEngine.open(config(repository), new SimpleMeterRegistry());
    }

    /** As the contract says: the image times weights. */
    static OnnxModel linear(int answers) {
        return new OnnxModel().input("in", FLOAT, -1, CHANNELS, ROWS, COLUMNS).output("out", FLOAT, -1, answers)
                .node("Flatten", "in", "flat").weights("w", 1, VALUES, answers).node("MatMul", "flat w", "out");
    }

    /** The same of bytes, rows, columns, channels. */
    static OnnxModel linearOfBytes(int answers) {
        return new OnnxModel().input("in", UINT8, -1, ROWS, COLUMNS, CHANNELS).output("out", FLOAT, -1, answers)
                .node("Transpose", "in", "planes", "perm", 0, 3, 1, 2)
                .nodeOf("Cast", "planes", "bytes", "to", FLOAT)
                .floats("white", new int[] {1}, 255).node("Div", "bytes white", "intensities")
                .node("Flatten", "intensities", "flat")
                .weights("w", 1, VALUES, answers).node("MatMul", "flat w", "out");
    }
}
