package io.scanline.server.engine;

import static io.scanline.server.engine.OnnxModel.FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bundle.json that README shows is sealed and serves. */
@Timeout(60)
class ReadmeBundleTest {
    private static final String BEGIN = "```json\n";

    @TempDir
    private Path repository;

    private static String shown() throws Exception {
        String readme = Files.readString(Path.of("..", "README.md"));
        int section = readme.indexOf("## Serve a model from elsewhere");
        int begin = readme.indexOf(BEGIN, section) + BEGIN.length();
        return readme.substring(begin, readme.indexOf("```", begin));
    }

    /** What README says of it: the mean of each channel decides, the flag turns the answer around. */
    private static OnnxModel classifier() {
        return new OnnxModel().input("input_1", FLOAT, 1, 224, 224, 3).input("training", FLOAT)
                .output("predictions", FLOAT, 1, 3)
                .floats("columns", new int[] {3, 3}, 1, 0, 0, 0, 1, 0, 0, 0, 1)
                .node("ReduceMean", "input_1", "means", "axes", 1, 2).integers("row", 1, 3)
                .node("Reshape", "means row", "flat").node("MatMul", "flat columns", "logits")
                .floats("one", new int[] {1}, 1).node("Sub", "one training", "sign")
                .node("Mul", "logits sign", "signed").nodeOf("Softmax", "signed", "predictions", "axis", 1);
    }

    @Test
    void handWrittenBundleOfReadmeServes() throws Exception {
        Path directory = Files.createDirectories(repository.resolve("cats").resolve("1"));
        Files.writeString(directory.resolve("bundle.json"), shown());
        Files.write(directory.resolve("model.onnx"), classifier().bytes());

        BundleSeal.seal(directory, HandWritten.config(repository));

        byte[] green = new byte[224 * 224 * 3];
        for (int pixel = 0; pixel < green.length; pixel += 3) {
            green[pixel + 1] = (byte) 255;
        }
        try (DecodingEngine engine = HandWritten.open(repository)) {
            List<ClassProbability> likeliest = TinyLatents.get(engine.classify(new ClassifyRequest(
                            "cats", "", List.of(new EmbedInput.Values(green)), List.of(), List.of(), 1,
                            Long.MAX_VALUE)))
                    .get(0);
            assertThat(likeliest.get(0).name()).isEqualTo("dog");
            double others = 2 * Math.exp(-1);
            assertThat(likeliest.get(0).probability()).isEqualTo(
                    Math.exp(1) / (Math.exp(1) + others), within(1e-5));
        }
    }
}
