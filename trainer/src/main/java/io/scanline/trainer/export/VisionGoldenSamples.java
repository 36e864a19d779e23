package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.GoldenSample;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.ImageSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Images and texts, and what the graphs answer of them, that a server must reproduce. */
final class VisionGoldenSamples {
    private static final int SAMPLES = 3;
    // Sums of other kernels differ by rounding; a wrong graph or weight differs by far more.
    private static final double TOLERANCE = 1e-3;

    private VisionGoldenSamples() {}

    /**
     * Writes samples under {@code golden/} of a directory.
     *
     * @param images levels, of which the first ones are taken
     * @param texts one for each of these; none when the bundle takes no texts
     */
    static List<GoldenSample> write(VisionSession session, ImageSet images, List<String> texts, Path directory)
            throws IOException, OrtException {
        Files.createDirectories(directory.resolve("golden"));
        List<GoldenSample> samples = new ArrayList<>();
        for (int n = 0; n < Math.min(SAMPLES, images.size()); n++) {
            String path = "golden/" + n;
            byte[] levels = images.image(n);
            Map<String, float[]> seen = session.look(List.of(levels));
            GoldenSample.Builder sample = GoldenSample.newBuilder()
                    .setSteps(levels.length)
                    .setPixels(write(directory, path + ".pixels", levels))
                    .setCpuKind(CpuKind.current())
                    .setAtol(TOLERANCE)
                    .setRtol(TOLERANCE);
            if (seen.containsKey("logits")) {
                sample.setLogits(write(directory, path + ".logits", LatentGoldenSamples.floats(seen.get("logits"))));
            }
            if (seen.containsKey(VisionSession.EMBEDDING)) {
                sample.setEmbedding(write(
                        directory,
                        path + ".embedding",
                        LatentGoldenSamples.floats(seen.get(VisionSession.EMBEDDING))));
            }
            if (!texts.isEmpty()) {
                String text = texts.get(n);
                float[] vector = VisionFigures.read(session, List.of(text));
                sample.setText(text)
                        .setTextTokens(write(directory, path + ".tokens", integers(session.tokenizer().ids(text))))
                        .setTextEmbedding(
                                write(directory, path + ".text_embedding", LatentGoldenSamples.floats(vector)));
            }
            samples.add(sample.build());
        }
        return samples;
    }

    /** Writes a file; returns its path. */
    static String write(Path directory, String path, byte[] content) throws IOException {
        Files.write(directory.resolve(path), content);
        return path;
    }

    /** Little-endian int32. */
    static byte[] integers(int... numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(numbers.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int number : numbers) {
            bytes.putInt(number);
        }
        return bytes.array();
    }
}
