package io.scanline.trainer.ops;

import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Times the same matrix product, forward and both gradients, in both precisions on the calling thread. */
final class PrecisionRace {
    // A product of the MLP of a small transformer over a few images: enough rows for the speed that training sees.
    private static final int ROWS = 2048;
    private static final int INPUTS = 128;
    private static final int OUTPUTS = 512;
    private static final int ROUNDS = 5;
    private static final double CLEARLY_FASTER = 1.3;

    private PrecisionRace() {}

    /** The winner: BF16, which is less exact, only if it is clearly faster. */
    static Precision run() {
        try (PointerScope scope = new PointerScope()) {
            Tensor x = torch.randn(ROWS, INPUTS).set_requires_grad(true);
            Tensor weight = torch.randn(INPUTS, OUTPUTS).set_requires_grad(true);
            Tensor bias = torch.zeros(OUTPUTS).set_requires_grad(true);
            long[] single = new long[ROUNDS];
            long[] brain = new long[ROUNDS];
            time(Precision.FP32, x, weight, bias); // the first products choose kernels and fill buffers
            time(Precision.BF16, x, weight, bias);
            for (int round = 0; round < ROUNDS; round++) { // in turns: both meet the same neighbours on the machine
                single[round] = time(Precision.FP32, x, weight, bias);
                brain[round] = time(Precision.BF16, x, weight, bias);
            }
            return median(single) >= CLEARLY_FASTER * median(brain) ? Precision.BF16 : Precision.FP32;
        }
    }

    private static long time(Precision precision, Tensor x, Tensor weight, Tensor bias) {
        try (PointerScope scope = new PointerScope()) {
            long start = System.nanoTime();
            Tensor product;
            try (Precision.Scope arithmetic = precision.enter()) {
                product = torch.addmm(bias, x, weight);
            }
            product.sum().backward();
            return System.nanoTime() - start;
        }
    }

    private static double median(long[] times) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
