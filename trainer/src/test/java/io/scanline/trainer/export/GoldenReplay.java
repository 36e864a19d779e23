package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.bundle.v1.GoldenSample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Replays the golden samples of a bundle that looks at images and texts. */
final class GoldenReplay {
    private GoldenReplay() {}

    /** What the graphs answer now is what is stored, byte for byte. */
    static void check(StoredBundle stored, Path directory) throws Exception {
        assertThat(stored.bundle().getGoldenSamplesList()).hasSize(3);
        try (VisionSession session = new VisionSession(stored)) {
            for (GoldenSample sample : stored.bundle().getGoldenSamplesList()) {
                byte[] pixels = Files.readAllBytes(directory.resolve(sample.getPixels()));
                assertThat(pixels).hasSize(sample.getSteps());
                Map<String, float[]> seen = session.look(List.of(pixels));
                if (stored.bundle().hasClassifier()) {
                    assertThat(directory.resolve(sample.getLogits()))
                            .hasBinaryContent(LatentGoldenSamples.floats(seen.get("logits")));
                }
                if (stored.bundle().hasEmbedding()) {
                    assertThat(directory.resolve(sample.getEmbedding()))
                            .hasBinaryContent(LatentGoldenSamples.floats(seen.get(VisionSession.EMBEDDING)));
                    int[] ids = session.tokenizer().ids(sample.getText());
                    assertThat(Files.size(directory.resolve(sample.getTextTokens()))).isEqualTo(4L * ids.length);
                    assertThat(directory.resolve(sample.getTextEmbedding()))
                            .hasBinaryContent(LatentGoldenSamples.floats(
                                    VisionFigures.read(session, List.of(sample.getText()))));
                }
            }
        }
    }
}
