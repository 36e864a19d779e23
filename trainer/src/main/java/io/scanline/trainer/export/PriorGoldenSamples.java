package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.GoldenSample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Samples of a prior over codes, all of their codes, with what the decoder makes of them and the encoder of that. */
final class PriorGoldenSamples {
    private PriorGoldenSamples() {}

    /** The same of these texts, drawn without guidance, with what the bundle reads of them. */
    static List<GoldenSample> write(StoredBundle stored, PromptReader reader, List<String> texts, Path directory)
            throws IOException, OrtException {
        Conditions conditions = reader.conditions(texts);
        List<GoldenSample> samples = new ArrayList<>();
        for (GoldenSample drawn : write(stored, conditions, directory)) {
            int n = samples.size();
            String stem = drawn.getPixels().replaceFirst("\\.pixels$", "");
            samples.add(drawn.toBuilder()
                    .setText(texts.get(n))
                    .setTextTokens(VisionGoldenSamples.write(
                            directory, stem + ".tokens", VisionGoldenSamples.integers(reader.ids(texts.get(n)))))
                    .setTextEmbedding(VisionGoldenSamples.write(
                            directory, stem + ".text_embedding", LatentGoldenSamples.floats(conditions.of(n))))
                    .build());
        }
        return samples;
    }

    /** Draws samples of different classes and writes them under {@code golden/} of a directory. */
    static List<GoldenSample> write(StoredBundle stored, Path directory) throws IOException, OrtException {
        return write(stored, Conditions.NONE, directory);
    }

    private static List<GoldenSample> write(StoredBundle stored, Conditions conditions, Path directory)
            throws IOException, OrtException {
        List<GoldenSample> samples = new ArrayList<>();
        try (LatentSession session = new LatentSession(stored)) {
            for (GoldenSample drawn : GoldenSamples.write(stored.drawn(), Integer.MAX_VALUE, conditions, directory)) {
                String stem = drawn.getPixels().replaceFirst("\\.pixels$", "");
                GoldenSample sample = drawn.toBuilder()
                        .setDecoded(stem + ".decoded")
                        .setLatent(stem + ".latent")
                        .build();
                byte[] codes = Files.readAllBytes(directory.resolve(sample.getPixels()));
                float[] image = session.decode(codes).get("image");
                byte[] encoded = LatentGoldenSamples.answer(session.encode(List.of(session.levels(image, 0))));
                Files.write(directory.resolve(sample.getDecoded()), LatentGoldenSamples.floats(image));
                Files.write(directory.resolve(sample.getLatent()), encoded);
                samples.add(sample);
            }
        }
        return samples;
    }
}
