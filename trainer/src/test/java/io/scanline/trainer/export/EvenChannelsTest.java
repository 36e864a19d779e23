package io.scanline.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import com.google.protobuf.InvalidProtocolBufferException;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.TinyNetwork;
import io.scanline.trainer.ops.Libtorch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Keys and values of even reach, in a transformer whose numbers are random. */
class EvenChannelsTest {
    private static final ImageShape SHAPE = new ImageShape(6, 5, 4, 0);
    private static final int LAYERS = 2;
    private static final ImageTransformer.Config CONFIG =
            new ImageTransformer.Config(24, LAYERS, 3, 16, 1, List.of(7, 0), null, false);
    private static final byte[] IMAGE = TinyNetwork.image(SHAPE, 1);

    private static StoredBundle plain;
    private static StoredBundle even;

    @BeforeAll
    static void make() throws Exception {
        Libtorch.load();
        TinyNetwork random = TinyNetwork.of("transformer", SHAPE, CONFIG);
        plain = StepGraph.bundle(random.network(), random.parameters().values());
        byte[] onnx = plain.onnx(plain.required("step"));
        Map<String, byte[]> files = new HashMap<>(plain.graphs());
        files.put(plain.required("step").getFile(), EvenChannels.of(onnx, cached(plain)));
        even = new StoredBundle(plain.bundle(), files);
    }

    private static CacheScales cached(StoredBundle stored) throws OrtException, InvalidProtocolBufferException {
        ImageSet images = new ImageSet(
                IMAGE, new int[] {0}, SHAPE.width(), SHAPE.height(), 1, SHAPE.levels(), List.of("a"));
        return Int8Scales.measure(stored, Conditions.NONE, images).cache();
    }

    @Test
    void everyChannelReachesAsFarAsTheFarthestDid() throws Exception {
        CacheScales before = cached(plain);
        CacheScales after = cached(even);
        for (int layer = 0; layer < LAYERS; layer++) {
            for (String kind : List.of("key", "value")) {
                assertThat(after.of(kind, layer)).isCloseTo(before.of(kind, layer), Offset.offset(1e-4f));
                float farthest = 127 * before.of(kind, layer);
                assertThat(least(before.largest(kind, layer))).isLessThan(0.9f * farthest);
                assertThat(least(after.largest(kind, layer))).isCloseTo(farthest, Offset.offset(1e-3f * farthest));
            }
        }
    }

    private static float least(float... largest) {
        float least = Float.MAX_VALUE;
        for (float each : largest) {
            least = Math.min(least, each);
        }
        return least;
    }

    @Test
    void logitsStayWhatTheyAre() throws Exception {
        float[] expected = logits(plain);
        float[] found = logits(even);
        for (int i = 0; i < expected.length; i++) {
            float allowed = 1e-4f * (1 + Math.abs(expected[i]));
            assertThat(found[i]).isCloseTo(expected[i], Offset.offset(allowed));
        }
    }

    private static float[] logits(StoredBundle stored) throws OrtException {
        try (StepSession session = new StepSession(stored, 1)) {
            return session.stepLogits(List.of(IMAGE), new int[] {0});
        }
    }
}
