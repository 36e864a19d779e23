package io.scanline.trainer.training;

import io.scanline.trainer.models.VectorQuantisedAutoencoder.Codebook;
import io.scanline.trainer.nn.NearestCode;
import io.scanline.trainer.ops.TorchOps;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Moving averages of what every code replaces (van den Oord et al. 2017, Appendix A.1), as shares of all vectors:
 *
 * <pre>  N = gamma N + (1 - gamma) n,   m = gamma m + (1 - gamma) sum of the code's vectors,   e = m / N</pre>
 *
 * m needs no memory of its own, since m = N e before the update. Codes that nothing uses any more restart beside much
 * used ones, as in the splitting of Linde, Buzo and Gray 1980.
 *
 * @param quantiser whose codebook
 * @param settings of it
 */
record CodebookAverages(NearestCode quantiser, Codebook settings) {
    /** How far from the split code a restarted one begins, as a share of the codebook's deviation. */
    private static final double APART = 0.05;

    /**
     * A term of a loss that is 0 and whose gradients are what a batch says of the codebook: for the usage, the share n
     * of vectors that every code replaces; for a codebook of moving averages, the sum of those vectors over their number.
     * Gradients of workers are averaged, and so are these.
     *
     * @param vectors (B, h, w, d)
     * @param tokens int64 (B, h, w)
     */
    static Tensor carry(TorchOps ops, NearestCode quantiser, Tensor vectors, Tensor tokens) {
        Tensor usage = ops.parameter(quantiser.usage());
        Tensor codebook = ops.parameter(quantiser.codebook());
        Tensor rows = vectors.detach().reshape(-1, quantiser.width());
        Tensor flat = tokens.reshape(-1);
        Scalar number = new Scalar((double) flat.numel());
        Tensor counts = torch.zeros(quantiser.codes()).index_add_(0, flat, torch.ones(flat.numel())).div(number);
        Tensor carried = usage.mul(counts).sum();
        if (quantiser.average()) {
            Tensor sums = torch.zeros(quantiser.codes(), quantiser.width()).index_add_(0, flat, rows).div(number);
            carried = carried.add(codebook.mul(sums).sum());
        }
        return carried.sub(carried.detach());
    }

    /** One step of the averages, from the gradients that {@link #carry} made, and restarts by chance of this seed. */
    void update(Parameters weights, long seed) {
        try (PointerScope scope = new PointerScope(); NoGradGuard noGradients = new NoGradGuard()) {
            Tensor usage = weights.tensors().get(quantiser.usage());
            Tensor codebook = weights.tensors().get(quantiser.codebook());
            Scalar kept = new Scalar(settings.decay());
            Scalar taken = new Scalar(1 - settings.decay());
            Tensor before = usage.mul(kept);
            Tensor after = before.add(usage.grad().mul(taken));
            if (quantiser.average()) {
                Tensor sums = codebook.mul(before.unsqueeze(1)).add(codebook.grad().mul(taken));
                codebook.copy_(sums.div(after.clamp_min(new Scalar(Float.MIN_NORMAL)).unsqueeze(1)));
            }
            usage.copy_(after);
            restart(usage, codebook, new SplittableRandom(seed));
        }
    }

    private void restart(Tensor usage, Tensor codebook, SplittableRandom random) {
        int codes = quantiser.codes();
        float[] shares = new float[codes];
        usage.data_ptr_float().get(shares);
        double least = settings.restart() / codes;
        Tensor apart = codebook.std(new long[] {0}, true, false).mul(new Scalar(APART)); // (d)
        for (int dead = 0; dead < codes; dead++) {
            if (shares[dead] < least) {
                int split = draw(shares, random);
                float[] direction = new float[quantiser.width()];
                for (int i = 0; i < direction.length; i++) {
                    direction[i] = (float) random.nextGaussian();
                }
                codebook.select(0, dead)
                        .copy_(codebook.select(0, split).add(torch.tensor(direction).mul(apart)));
                shares[split] /= 2;
                shares[dead] = shares[split];
            }
        }
        usage.copy_(torch.tensor(shares));
    }

    /** An index with probability in proportion to the shares. */
    private static int draw(float[] shares, SplittableRandom random) {
        double total = 0;
        for (float share : shares) {
            total += share;
        }
        double left = random.nextDouble() * total;
        int index = 0;
        while (index < shares.length - 1 && left >= shares[index]) {
            left -= shares[index++];
        }
        return index;
    }
}
