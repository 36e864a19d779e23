package io.scanline.trainer.models;

import static org.assertj.core.api.Assertions.assertThat;

import io.scanline.trainer.ops.Libtorch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which earlier values reach the logits of a value. */
class ReceptiveFieldTest {
    private static final ImageShape SHAPE = new ImageShape(6, 6, 4, 0);

    @BeforeAll
    static void load() {
        Libtorch.load();
    }

    @Test
    void deepGatedPixelCnnSeesEveryEarlierValue() {
        TinyNetwork tiny = TinyNetwork.of("gated", SHAPE, new GatedPixelCnn.Config(6, 6, 1, 6, false));
        assertThat(unseen(tiny)).isEmpty();
    }

    @Test
    void deepWaveNetSeesEveryEarlierValue() {
        WaveNet.Config config = new WaveNet.Config(6, 6, List.of(1, 2, 4, 8, 16, 32), false);
        TinyNetwork tiny = TinyNetwork.of("WaveNet", SHAPE, config);
        assertThat(unseen(tiny)).isEmpty();
    }

    @Test
    void oneLayerOfDiagonalBiLstmSeesEveryEarlierValue() {
        TinyNetwork tiny = TinyNetwork.of("Diagonal BiLSTM", SHAPE, new DiagonalBiLstm.Config(4, 1, 1, 6, false));
        assertThat(unseen(tiny)).isEmpty();
    }

    /** Figure 4 (middle), with the columns that the first convolution and the masked one along the row add. */
    @Test
    void oneLayerOfRowLstmSeesATriangle() {
        TinyNetwork tiny = TinyNetwork.of("Row LSTM", SHAPE, new RowLstm.Config(4, 1, 1, 6, false));
        assertThat(unseen(tiny)).containsExactlyInAnyOrderElementsOf(
                outside((up, right) -> right >= -up - 2 && right <= up));
    }

    /**
     * As in the paper's successor (arXiv 1606.05328, figure 1, right): to the upper right, however deep the network.
     */
    @Test
    void deepPixelCnnHasABlindSpotToTheUpperRight() {
        TinyNetwork tiny = TinyNetwork.of("PixelCNN", SHAPE, new PixelCnn.Config(4, 12, 1, 6, false));
        assertThat(unseen(tiny)).isNotEmpty().containsExactlyInAnyOrderElementsOf(outside((up, right) -> right <= up));
    }

    /** The rectangle of attention, two rows and a column to either side, and the 3 x 3 that its positions are shown. */
    @Test
    void oneBlockOfLocalAttentionSeesWhatThePositionsOfItsRectangleAreShown() {
        ImageTransformer.Neighbourhood area = new ImageTransformer.Neighbourhood(2, 1);
        ImageTransformer.Config config = new ImageTransformer.Config(8, 1, 2, 8, 1, null, area, false);
        TinyNetwork tiny = TinyNetwork.of("2D local attention", SHAPE, config);
        assertThat(unseen(tiny)).isNotEmpty().containsExactlyInAnyOrderElementsOf(
                outside((up, right) -> up <= 3 && right >= -2 && right <= Math.min(up, 2)));
    }

    /** Whether a value sees one so many rows up and columns to the right. */
    private interface Field {
        boolean has(int up, int right);
    }

    /** Pairs of an earlier value and a value that does not have it in its field. */
    private static List<String> outside(Field field) {
        List<String> outside = new ArrayList<>();
        for (int value = 0; value < SHAPE.values(); value++) {
            for (int earlier = 0; earlier < value; earlier++) {
                int up = value / SHAPE.width() - earlier / SHAPE.width();
                int right = earlier % SHAPE.width() - value % SHAPE.width();
                if (!field.has(up, right)) {
                    outside.add(earlier + " by " + value);
                }
            }
        }
        return outside;
    }

    /** Pairs of an earlier value and a value whose logits do not depend on it, for three images. */
    private static List<String> unseen(TinyNetwork tiny) {
        boolean[][] seen = new boolean[SHAPE.values()][SHAPE.values()];
        for (int seed = 0; seed < 3; seed++) { // a rectifier may hide a change in one image
            byte[] image = TinyNetwork.image(SHAPE, seed);
            float[] before = tiny.logits(image, 0);
            for (int changed = 0; changed < SHAPE.values(); changed++) {
                byte[] other = image.clone();
                other[changed] = (byte) ((other[changed] + 1) % SHAPE.levels());
                float[] after = tiny.logits(other, 0);
                for (int value = changed + 1; value < SHAPE.values(); value++) {
                    int from = value * SHAPE.levels();
                    seen[changed][value] |= !Arrays.equals(
                            before, from, from + SHAPE.levels(), after, from, from + SHAPE.levels());
                }
            }
        }
        List<String> unseen = new ArrayList<>();
        for (int value = 0; value < SHAPE.values(); value++) {
            for (int earlier = 0; earlier < value; earlier++) {
                if (!seen[earlier][value]) {
                    unseen.add(earlier + " by " + value);
                }
            }
        }
        return unseen;
    }
}
