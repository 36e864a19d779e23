package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * Finite scalar quantisation (Mentzer, Minnen, Agustsson and Tschannen 2023, arXiv 2309.15505, section 3.1): component i
 * of a vector is bounded and rounded to one of L_i numbers,
 *
 * <pre>  f(z) = tanh(z + s) (L - 1) (1 + epsilon) / 2 - o,   code = round(f(z)) / floor(L / 2)</pre>
 *
 * with o = 1/2 for an even L and 0 for an odd one, and s such that f(0) = 0. The codes are the grid of all
 * combinations: nothing is learned and no code can die. Constants as in the paper's appendix A.1.
 *
 * @param levels L_i, 2 or more each
 */
public record FiniteScalar(List<Integer> levels) implements LatentQuantiser {
    private static final double EPSILON = 1e-3;

    @Override
    public int width() {
        return levels.size();
    }

    @Override
    public int codes() {
        return levels.stream().reduce(1, Math::multiplyExact);
    }

    @Override
    public List<ParameterSpec> parameters() {
        return List.of();
    }

    @Override
    public <T> Quantised<T> quantise(Ops<T> ops, T vectors) {
        float[] half = new float[width()];
        float[] offset = new float[width()];
        float[] shift = new float[width()];
        float[] scale = new float[width()];
        for (int i = 0; i < width(); i++) {
            half[i] = (float) ((levels.get(i) - 1) * (1 + EPSILON) / 2);
            offset[i] = levels.get(i) % 2 == 0 ? 0.5f : 0;
            shift[i] = (float) atanh(offset[i] / half[i]);
            scale[i] = 1f / (levels.get(i) / 2);
        }
        T shifted = ops.add(vectors, ops.constant(shift, width()));
        T bounded = ops.subtract(
                ops.multiply(ops.tanh(shifted), ops.constant(half, width())), ops.constant(offset, width()));
        T scales = ops.constant(scale, width());
        T code = ops.multiply(ops.round(bounded), scales);
        return new Quantised<>(ops.multiply(bounded, scales), code, ops.nearest(code, grid(ops)));
    }

    @Override
    public <T> T lookUp(Ops<T> ops, T tokens) {
        return ops.embed(grid(ops), tokens);
    }

    /** All codes (K, d); the first component is the fastest. */
    private <T> T grid(Ops<T> ops) {
        int codes = codes();
        float[] grid = new float[codes * width()];
        for (int code = 0; code < codes; code++) {
            int rest = code;
            for (int i = 0; i < width(); i++) {
                int half = levels.get(i) / 2;
                grid[code * width() + i] = (float) (rest % levels.get(i) - half) * (1f / half);
                rest /= levels.get(i);
            }
        }
        return ops.constant(grid, codes, width());
    }

    private static double atanh(double x) {
        return 0.5 * Math.log((1 + x) / (1 - x));
    }
}
