package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CpuKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Samples of a decoder, and what the encoder, if there is one, answers of them, that a server must reproduce. */
final class LatentGoldenSamples {
    private static final int SAMPLES = 3;
    // Sums of other kernels differ by rounding; a wrong graph or weight differs by far more.
    private static final double TOLERANCE = 1e-3;

    private LatentGoldenSamples() {}

    /** Draws samples and writes them under {@code golden/} of a directory. */
    static List<GoldenSample> write(LatentSession session, Path directory) throws IOException, OrtException {
        Files.createDirectories(directory.resolve("golden"));
        List<GoldenSample> samples = new ArrayList<>();
        for (int n = 0; n < SAMPLES; n++) {
            int label = session.classes().isEmpty() ? 0 : n % session.classes().size();
            GoldenSample sample = GoldenSample.newBuilder()
                    .setLabel(label)
                    .setSeed(1000 + n)
                    .setTemperature(1)
                    .setPixels("golden/" + n + ".pixels")
                    .setLogits("golden/" + n + ".image")
                    .setLatent(session.encodes() ? "golden/" + n + ".latent" : "")
                    .setCpuKind(CpuKind.current())
                    .setAtol(TOLERANCE)
                    .setRtol(TOLERANCE)
                    .build();
            float[] latent = session.draw(sample.getSeed(), 0, sample.getTemperature());
            float[] image = session.decode(latent, new long[] {label}).get("image");
            byte[] levels = session.levels(image, 0);
            Files.write(directory.resolve(sample.getPixels()), levels);
            Files.write(directory.resolve(sample.getLogits()), floats(image));
            if (session.encodes()) {
                Files.write(directory.resolve(sample.getLatent()), answer(session.encode(List.of(levels))));
            }
            samples.add(sample.toBuilder().setSteps(levels.length).build());
        }
        return samples;
    }

    /** The encoder's answer in the layout of bundle.proto. */
    static byte[] answer(Map<String, float[]> encoded) {
        float[] tokens = encoded.get("tokens");
        if (tokens == null) {
            return floats(Stream.of("latent", "mean", "log_variance")
                    .filter(encoded::containsKey)
                    .map(encoded::get)
                    .toArray(float[][]::new));
        }
        ByteBuffer bytes = ByteBuffer.allocate(tokens.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float token : tokens) {
            bytes.putInt((int) token);
        }
        return bytes.array();
    }

    /** Numbers one behind the other, little-endian float32. */
    static byte[] floats(float[]... parts) {
        int numbers = Stream.of(parts).mapToInt(part -> part.length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(numbers * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float[] part : parts) {
            for (float number : part) {
                bytes.putFloat(number);
            }
        }
        return bytes.array();
    }
}
