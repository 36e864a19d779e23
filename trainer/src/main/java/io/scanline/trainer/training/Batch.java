package io.scanline.trainer.training;

import io.scanline.bundle.v1.Autoregression;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Offset;
import io.scanline.contract.CausalContext;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.ops.TorchOps;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Images as a network takes them.
 *
 * @param shown int64 (B, S, K)
 * @param shownAbove int64 (B, S, K): what the network's part for rows above is shown, if it has one
 * @param position int64 (B, S)
 * @param label int64 (B), if the network knows of classes
 * @param target int64 (B S): the values
 */
public record Batch(
        Tensor shown, Optional<Tensor> shownAbove, Tensor position, Optional<Tensor> label, Tensor target) {
    /** What positions of such images are shown: the values at these offsets. */
    public static CausalContext context(ImageShape shape, List<Offset> offsets) {
        return new CausalContext(
                ImageGeometry.newBuilder()
                        .setWidth(shape.width())
                        .setHeight(shape.height())
                        .setChannels(1)
                        .setLevels(shape.levels())
                        .build(),
                Autoregression.newBuilder()
                        .setSteps(shape.values())
                        .addAllContext(offsets)
                        .build());
    }

    /** As {@link #of(AutoregressiveNetwork, List, int[])}. */
    public static Batch of(AutoregressiveNetwork network, ImageSet images) {
        List<byte[]> values = IntStream.range(0, images.size()).mapToObj(images::image).toList();
        return of(network, values, images.labels());
    }

    /** A batch of images, all their values in generation order; its tensors belong to the caller's PointerScope. */
    public static Batch of(AutoregressiveNetwork network, List<byte[]> images, int[] labels) {
        int values = network.shape().values();
        int batch = images.size();
        long[] positions = new long[batch * values];
        long[] targets = new long[batch * values];
        long[] classes = new long[batch];
        for (int n = 0; n < batch; n++) {
            byte[] image = images.get(n);
            classes[n] = labels[n];
            for (int i = 0; i < values; i++) {
                positions[n * values + i] = i;
                targets[n * values + i] = image[i] & 0xFF;
            }
        }
        return new Batch(
                shown(network, network.context(), images),
                network.rowsAbove().map(rows -> shown(network, rows.context(), images)),
                torch.tensor(positions).reshape(batch, values),
                network.shape().hasClasses() ? Optional.of(torch.tensor(classes)) : Optional.empty(),
                torch.tensor(targets));
    }

    private static Tensor shown(AutoregressiveNetwork network, List<Offset> offsets, List<byte[]> images) {
        CausalContext context = context(network.shape(), offsets);
        int values = network.shape().values();
        long[] levels = new long[images.size() * values * context.size()];
        for (int n = 0; n < images.size(); n++) {
            for (int i = 0; i < values; i++) {
                context.gather(images.get(n), i, levels, (n * values + i) * context.size());
            }
        }
        return torch.tensor(levels).reshape(images.size(), values, context.size());
    }

    /** Logits (B, S, levels) of all values, of a network that is shown nothing else. */
    public Tensor logits(AutoregressiveNetwork network, TorchOps ops) {
        return logits(network, ops, Optional.empty());
    }

    /** The same of one that is, (B, D). */
    public Tensor logits(AutoregressiveNetwork network, TorchOps ops, Optional<Tensor> condition) {
        return network.imageLogits(ops, shown, shownAbove, position, label, condition);
    }
}
