package io.scanline.trainer.models;

import io.scanline.bundle.v1.Offset;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;

/**
 * Prior over the codes of a vector-quantised autoencoder (van den Oord, Vinyals and Kavukcuoglu 2017, "Neural discrete
 * representation learning", arXiv 1711.00937, sections 3.3 and 4.2), as a causal transformer (Esser, Rombach and Ommer
 * 2021, "Taming transformers for high-resolution image synthesis", arXiv 2012.09841, section 3.2). With the autoencoder
 * trained and fixed, its encoder turns an image x into a grid of codes z, of which this is the distribution given a
 * class y, code by code in raster order:
 *
 * <pre>
 *   log p(z | y) = sum_i log p(z_i | z_1 .. z_(i-1), y)        minimised: E_x[-log p(z(x) | y)]
 * </pre>
 *
 * <p>A sample is a grid of codes drawn from p and the image that the autoencoder's decoder makes of it. -log p says how
 * well codes are predicted; it is no likelihood of the image.
 *
 * <p>Deviations from the papers:
 * <ul>
 *   <li>The first paper's prior is a PixelCNN. This one is an {@link ImageTransformer} whose "image" is the grid, with
 *       full attention in every block; what that class deviates in (a neighbourhood of codes shown directly, row and
 *       column embeddings in place of one for every position) holds here too.
 *   <li>The class is a learned vector added at every position; the second paper puts its token before the codes.
 *   <li>No sliding window: the grids are small enough to attend to as a whole. No dropout; weight decay alone holds the
 *       weights.
 * </ul>
 */
public final class TokenPrior implements AutoregressiveNetwork {
    private static final int FULL_ATTENTION = 0;

    /**
     * Hyper-parameters.
     *
     * @param width d, of the residual stream
     * @param depth number of blocks
     * @param heads attention heads, a divisor of width
     * @param hidden width of the MLPs
     * @param reach rows and columns of the directly shown neighbourhood
     * @param conditional whether the prior knows the class of an image; null: it does
     */
    public record Config(int width, int depth, int heads, int hidden, int reach, Boolean conditional)
            implements ModelConfig {
        @Override
        public void check() {
            transformer().check();
        }

        @Override
        public boolean ofCodes() {
            return true;
        }

        @Override
        public TokenPrior network(ImageShape grid) {
            return new TokenPrior(transformer().network(grid));
        }

        private ImageTransformer.Config transformer() {
            return new ImageTransformer.Config(
                    width, depth, heads, hidden, reach, List.of(FULL_ATTENTION), null, conditional);
        }
    }

    private final ImageTransformer transformer;

    private TokenPrior(ImageTransformer transformer) {
        this.transformer = transformer;
    }

    /** The grid of codes as an image of one channel, whose levels are the codes. */
    @Override
    public ImageShape shape() {
        return transformer.shape();
    }

    @Override
    public List<Offset> context() {
        return transformer.context();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return transformer.parameters();
    }

    @Override
    public <T> T logits(Ops<T> ops, Seen<T> seen) {
        return transformer.logits(ops, seen);
    }
}
