package io.scanline.trainer.nn;

import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * Vector quantisation (van den Oord, Vinyals and Kavukcuoglu 2017, arXiv 1711.00937, Eq. 1 and 2): the code of a
 * learned codebook that is nearest to the vector.
 *
 * @param name prefix of its tensors
 * @param width d
 * @param codes K
 * @param average whether the codebook follows moving averages of the vectors (Appendix A.1) and not a gradient
 */
public record NearestCode(String name, int width, int codes, boolean average) implements LatentQuantiser {
    /** Name of the codebook, (K, d). */
    public String codebook() {
        return name + ".codebook";
    }

    /** Name of the moving average of the share of vectors that every code replaces, (K). */
    public String usage() {
        return name + ".usage";
    }

    @Override
    public List<ParameterSpec> parameters() {
        ParameterSpec codebook = ParameterSpec.normal(codebook(), 1, false, codes, width);
        return List.of(
                average ? codebook.undescended() : codebook,
                ParameterSpec.constant(usage(), 1.0 / codes, codes).undescended());
    }

    /** The running usage is not learned. */
    @Override
    public long size() {
        return (long) codes * width;
    }

    @Override
    public <T> Quantised<T> quantise(Ops<T> ops, T vectors) {
        T tokens = ops.nearest(vectors, ops.parameter(codebook()));
        return new Quantised<>(vectors, lookUp(ops, tokens), tokens);
    }

    @Override
    public <T> T lookUp(Ops<T> ops, T tokens) {
        return ops.embed(ops.parameter(codebook()), tokens);
    }
}
