package io.scanline.server.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is kept of keys and values between runs, and what of it a run is shown. */
class HostKeyValuesTest {
    private static final int HEADS = 2;
    private static final int SIZE = 3;
    private static final int POSITIONS = 150;
    private static final int SPAN = 4;
    private static final ChunkShape SHAPE = new ChunkShape(
            POSITIONS, 5, false, 0, new KeyValueShape(2, HEADS, SIZE, POSITIONS, CacheElement.FLOAT16));

    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();
    private HostKeyValues cache;
    private TensorNames names;

    @BeforeEach
    void open() throws Exception {
        GraphSignature signature = GraphSignature.chunk(SHAPE);
        Map<String, String> same = new HashMap<>();
        signature.inputs().forEach(tensor -> same.put(tensor.role(), tensor.role()));
        signature.outputs().forEach(tensor -> same.put(tensor.role(), tensor.role()));
        names = new TensorNames(same, signature);
        cache = new HostKeyValues(OnnxEnvironment.get(), SHAPE.cache(), 3, SPAN);
    }

    @AfterEach
    void close() {
        cache.close();
    }

    private static short number(String tensor, int slot, int head, int position, int component) {
        return (short) ((tensor.hashCode() * 31 + slot * 7919 + head * 131 + position * 17 + component) | 1);
    }

    /** Answers as a graph would for slots that hold so many positions. */
    private void answer(String tensor, long... held) {
        ShortBuffer rows = ((ByteBuffer) outputs.get("new_" + tensor).getBufferRef().orElseThrow())
                .duplicate().order(ByteOrder.nativeOrder()).asShortBuffer();
        int at = 0;
        for (int slot = 0; slot < held.length; slot++) {
            for (int head = 0; head < HEADS; head++) {
                for (int i = 0; i < SPAN * SIZE; i++) {
                    rows.put(at++, number(tensor, slot, head, (int) held[slot] + i / SIZE, i % SIZE));
                }
            }
        }
    }

    private void run(long... held) throws Exception {
        long longest = Arrays.stream(held).max().orElseThrow();
        cache.bind(names, held.length, cache.shownFor(longest), inputs, outputs);
        cache.show(held.length, held.length, held, cache.shownFor(longest));
        for (String tensor : names()) {
            answer(tensor, held);
        }
        cache.keep(held.length, held);
    }

    private static String[] names() {
        return new String[] {"key.0", "value.0", "key.1", "value.1"};
    }

    private void assertShown(int entry, int slot, long held, int positions) {
        for (String tensor : names()) {
            OnnxTensor shown = inputs.get("past_" + tensor);
            assertThat(shown.getInfo().getShape()[2]).isEqualTo(positions);
            ShortBuffer rows = ((ByteBuffer) shown.getBufferRef().orElseThrow())
                    .duplicate().order(ByteOrder.nativeOrder()).asShortBuffer();
            for (int head = 0; head < HEADS; head++) {
                for (int i = 0; i < held * SIZE; i++) {
                    assertThat(rows.get(((entry * HEADS + head) * positions) * SIZE + i))
                            .isEqualTo(number(tensor, slot, head, i / SIZE, i % SIZE));
                }
            }
        }
    }

    @Test
    void asManyPositionsAreShownAsTheLongestSlotHoldsInWholeSixtyFoursUpToTheCache() {
        assertThat(cache.shownFor(0)).isEqualTo(64);
        assertThat(cache.shownFor(64)).isEqualTo(64);
        assertThat(cache.shownFor(65)).isEqualTo(128);
        assertThat(cache.shownFor(129)).isEqualTo(POSITIONS);
    }

    @Test
    void everySlotIsShownWhatItsRunsAnswered() throws Exception {
        for (int held = 0; held < POSITIONS; held += SPAN) {
            run(held, held / (2 * SPAN) * SPAN, 0); // the second one at half the pace: answered alike twice
        }
        long last = POSITIONS / SPAN * SPAN;
        int half = POSITIONS / (2 * SPAN) * SPAN;
        cache.bind(names, 3, cache.shownFor(last), inputs, outputs);
        cache.show(3, 3, new long[] {POSITIONS, half, SPAN}, POSITIONS);
        assertShown(0, 0, POSITIONS, POSITIONS); // its last run answered with two positions more than there is room for
        assertShown(1, 1, half, POSITIONS);
        assertShown(2, 2, SPAN, POSITIONS);
    }

    @Test
    void slotThatIsMovedIsShownElsewhere() throws Exception {
        for (int held = 0; held < 80; held += SPAN) {
            run(held, held);
        }
        cache.move(1, 2, 80);
        cache.move(0, 1, 80);
        cache.move(2, 0, 80);
        cache.bind(names, 2, 128, inputs, outputs);
        cache.show(2, 2, new long[] {80, 80}, 128);
        assertShown(0, 1, 80, 128);
        assertShown(1, 0, 80, 128);
        cache.show(1, 2, new long[] {80}, 128); // a row more than there are slots is that of the last one
        assertShown(0, 1, 80, 128);
        assertShown(1, 1, 80, 128);
    }
}
