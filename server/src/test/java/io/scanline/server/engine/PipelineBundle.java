package io.scanline.server.engine;

import com.google.protobuf.util.JsonFormat;
import io.micrometer.core.instrument.MeterRegistry;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Pipeline;
import io.scanline.bundle.v1.Stage;
import io.scanline.server.runtime.Compute;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Writes pipelines of bundles that lie in the same repository. */
public final class PipelineBundle {
    /** Embeds images of 6 x 8 RGB with 16 levels, and texts as "tiny-clip" does. */
    public static final String JUDGE = "tiny-judge";

    private PipelineBundle() {}

    /**
     * Writes a bundle.
     *
     * @param ranker model that ranks; null: none
     * @param change to its description
     * @return its directory
     */
    public static Path write(Path repository, String name, String prior, String ranker, Consumer<Bundle.Builder> change)
            throws IOException {
        String text = "request.prompt";
        Pipeline.Builder stages = Pipeline.newBuilder()
                .addStages(stage(repository, "read", prior, "text_condition")
                        .putAllInputs(Map.of("tokens", text, "lengths", text)))
                .addStages(stage(repository, "draw", prior, "step").putInputs("condition", "read.condition"))
                .addStages(stage(repository, "paint", prior, "decoder").putInputs("tokens", "draw.tokens"));
        if (ranker != null) {
            stages.addStages(stage(repository, "prompt", ranker, "text_encoder")
                            .putAllInputs(Map.of("tokens", text, "lengths", text)))
                    .addStages(stage(repository, "look", ranker, "image_encoder").putInputs("image", "paint.image"));
        }
        Bundle.Builder bundle = Bundle.newBuilder()
                .setFormat(1)
                .setName(name)
                .setVersion("1")
                .setFamily("pipeline")
                .setGeometry(bundle(repository, prior).getGeometry())
                .setPipeline(stages);
        change.accept(bundle);
        Path directory = Files.createDirectories(repository.resolve(name).resolve("1"));
        Files.writeString(directory.resolve("bundle.json"), JsonFormat.printer().print(bundle));
        return directory;
    }

    private static Stage.Builder stage(Path repository, String name, String model, String role) throws IOException {
        byte[] json = Files.readAllBytes(json(repository, model));
        return Stage.newBuilder()
                .setName(name)
                .setModel(model + "/1")
                .setDigest("sha256:" + Sha256.hex(json))
                .setRole(role);
    }

    private static Bundle bundle(Path repository, String model) throws IOException {
        Bundle.Builder bundle = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(json(repository, model)), bundle);
        return bundle.build();
    }

    private static Path json(Path repository, String model) {
        return repository.resolve(model).resolve("1").resolve("bundle.json");
    }

    /** The model that ranks, loaded. */
    static ServedLookModel judge(LookDesk desk, MeterRegistry meters, OpenWork work) {
        try {
            return ServedLookModel.start(LoadedLookModel.load(TinyBundle.verified(JUDGE), Compute.cpu(1)), desk, meters, work);
        } catch (EngineException broken) {
            throw new IllegalStateException(broken);
        }
    }
}
