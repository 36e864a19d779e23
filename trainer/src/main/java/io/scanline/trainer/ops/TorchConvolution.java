package io.scanline.trainer.ops;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.conv2d;

import io.scanline.bundle.v1.Offset;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolutions over some positions as libtorch computes them: with a rectangular kernel that is zero where there is no
 * tap. Shifted copies side by side and one matrix product were measured 2 to 3 times slower, their gradient being the
 * cause.
 *
 * @param rows of the kernel
 * @param columns of the kernel
 * @param dilation columns from one of the kernel to the next
 * @param places tap at every place of the kernel, row by row; -1: none
 * @param width columns of the image; 0: the whole sequence is one row
 * @param padding columns of zeros to the left, columns to the right, rows above
 */
record TorchConvolution(int rows, int columns, int dilation, int[] places, int width, long[] padding) {
    private static final int NONE = -1;

    /** The kernel of some taps. */
    static TorchConvolution of(Taps taps) {
        return taps instanceof Taps.Neighbours neighbours ? over(neighbours) : over((Taps.Lags) taps);
    }

    private static TorchConvolution over(Taps.Neighbours taps) {
        int rows = taps.above() + 1;
        int columns = taps.left() + 1 + taps.right();
        int[] places = new int[rows * columns];
        Arrays.fill(places, NONE);
        List<Offset> all = taps.all();
        for (int tap = 0; tap < all.size(); tap++) {
            Offset offset = all.get(tap);
            places[(taps.above() + offset.getRows()) * columns + taps.left() + offset.getColumns()] = tap;
        }
        return new TorchConvolution(
                rows, columns, 1, places, taps.width(), new long[] {taps.left(), taps.right(), taps.above()});
    }

    private static TorchConvolution over(Taps.Lags taps) {
        int dilation = Math.max(1, taps.lags().stream().reduce(0, TorchConvolution::greatestCommonDivisor));
        int columns = taps.longest() / dilation + 1;
        int[] places = new int[columns];
        Arrays.fill(places, NONE);
        for (int tap = 0; tap < taps.lags().size(); tap++) {
            places[columns - 1 - taps.lags().get(tap) / dilation] = tap;
        }
        if (taps.own()) {
            places[columns - 1] = taps.others();
        }
        return new TorchConvolution(1, columns, dilation, places, 0, new long[] {taps.longest(), 0, 0});
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** See {@link Ops#convolve}. */
    Tensor apply(Tensor x, Tensor weight, Tensor bias) {
        long[] shape = x.shape(); // (B, S, C)
        long[] weights = weight.shape(); // (R, C, D)
        Tensor padded = constant_pad_nd(
                x.reshape(shape[0], -1, width == 0 ? shape[1] : width, shape[2]),
                new long[] {0, 0, padding[0], padding[1], padding[2], 0},
                new Scalar(0));
        Tensor convolved = conv2d(
                padded.permute(0, 3, 1, 2), // a view, which libtorch takes as channels-last
                kernel(weight).reshape(rows, columns, weights[1], weights[2]).permute(3, 2, 0, 1),
                new TensorOptional(bias),
                new long[] {1, 1},
                new long[] {0, 0},
                new long[] {1, dilation},
                1);
        return convolved.permute(0, 2, 3, 1).reshape(shape[0], shape[1], weights[2]);
    }

    /** (R, C, D) to (rows columns, C, D). */
    private Tensor kernel(Tensor weight) {
        long[] shape = weight.shape();
        Tensor orNone = cat(new TensorVector(weight, torch.zeros(1, shape[1], shape[2])), 0);
        long[] chosen = Arrays.stream(places).mapToLong(tap -> tap == NONE ? shape[0] : tap).toArray();
        return orNone.index_select(0, torch.tensor(chosen));
    }
}
