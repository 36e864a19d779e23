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

    /** Draws samples of different classes and writes them under {@code golden/} of a directory. */
    static List<GoldenSample> write(StoredBundle stored, Path directory) throws IOException, OrtException {
        List<GoldenSample> samples = new ArrayList<>();
        try (LatentSession session = new LatentSession(stored)) {
            for (GoldenSample drawn : GoldenSamples.write(stored.drawn(), Integer.MAX_VALUE, directory)) {
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
