package io.scanline.trainer.training;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.ImageShape;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Images as a network takes them.
 *
 * @param shown int64 (B, S, K)
 * @param position int64 (B, S)
 * @param label int64 (B)
 * @param target int64 (B S): the values
 */
public record Batch(Tensor shown, Tensor position, Tensor label, Tensor target) {
    /** What a network's positions are shown. */
    public static CausalContext context(AutoregressiveNetwork network) {
        ImageShape shape = network.shape();
        return new CausalContext(
                ImageGeometry.newBuilder()
                        .setWidth(shape.width())
                        .setHeight(shape.height())
                        .setChannels(1)
                        .setLevels(shape.levels())
                        .build(),
                Autoregression.newBuilder()
                        .setSteps(shape.values())
                        .addAllContext(network.context())
                        .build());
    }

    /** As {@link #of(AutoregressiveNetwork, List, int[])}. */
    public static Batch of(AutoregressiveNetwork network, ImageSet images) {
        List<byte[]> values = IntStream.range(0, images.size()).mapToObj(images::image).toList();
        return of(network, values, images.labels());
    }

    /** A batch of images, all their values in generation order; its tensors belong to the caller's PointerScope. */
    public static Batch of(AutoregressiveNetwork network, List<byte[]> images, int[] labels) {
        CausalContext context = context(network);
        int values = network.shape().values();
        int batch = images.size();
        int shown = context.size();
        long[] shownLevels = new long[batch * values * shown];
        long[] positions = new long[batch * values];
        long[] targets = new long[batch * values];
        long[] classes = new long[batch];
        for (int n = 0; n < batch; n++) {
            byte[] image = images.get(n);
            classes[n] = labels[n];
            for (int i = 0; i < values; i++) {
                int at = n * values + i;
                context.gather(image, i, shownLevels, at * shown);
                positions[at] = i;
                targets[at] = image[i] & 0xFF;
            }
        }
        return new Batch(
                torch.tensor(shownLevels).reshape(batch, values, shown),
                torch.tensor(positions).reshape(batch, values),
                torch.tensor(classes),
                torch.tensor(targets));
    }
}
