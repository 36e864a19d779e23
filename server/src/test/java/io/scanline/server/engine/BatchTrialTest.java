package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.server.runtime.BatchGraph;
import io.scanline.server.runtime.BatchProgram;
import io.scanline.server.runtime.BatchTensor;
import io.scanline.server.runtime.Compute;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTrialTest {
    private static final List<String> ROLES =
            List.of("image", "latent", "mean", "log_variance", "logits", "log_deviation");

    /** What "coupled.onnx" answers of an item depends on the other items: x - mean over the batch. */
    @Test
    void graphWhoseItemsAreNotIndependentRunsThemSingly() throws Exception {
        try (InputStream onnx = BatchTrialTest.class.getResourceAsStream("/graphs/coupled.onnx");
                BatchGraph graph = BatchGraph.load(
                        onnx.readAllBytes(),
                        List.of(new BatchTensor("image", "image", false, List.of(3))),
                        List.of(new BatchTensor("latent", "latent", false, List.of(3))),
                        1);
                BatchProgram program = graph.newProgram(4)) {
            assertThat(new BatchTrial(program, ROLES, 0).measure().largest()).isEqualTo(1);
        }
    }

    @Test
    void graphWhoseItemsAreIndependentRunsThemTogether() throws Exception {
        for (String model : TinyLatents.ALL) {
            VerifiedBundle verified =
                    BundleReader.read(TinyBundle.repository().resolve(model).resolve("1"), 1 << 20);
            try (LoadedLatentModel loaded = LoadedLatentModel.load(verified, Compute.cpu(2));
                    LatentCodec codec = loaded.newCodec(5)) {
                for (OneShotTask.Stage stage : List.of(OneShotTask.Stage.ENCODE, OneShotTask.Stage.DECODE)) {
                    OneShotAdmission.BatchTimes times = new BatchTrial(codec.program(stage), ROLES, 16).measure();
                    assertThat(times.largest()).as(model + " " + stage).isEqualTo(5);
                    assertThat(times.nanos(12)).isGreaterThan(times.nanos(5));
                }
            }
        }
    }
}
