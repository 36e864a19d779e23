package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;
import static org.bytedeco.pytorch.global.torch.log_sigmoid;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import java.util.Arrays;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Brings images and their captions together and those of other images apart: see {@link Clip} for the equations. The other
 * images are those that one worker has of a batch: with two workers, in one process or two, half of it.
 *
 * @param network trained
 * @param texts of the captions that the images' labels name
 */
public record Contrastive(Clip network, CaptionTexts texts) implements Objective {
    private static final int EVALUATION_BATCH = 128; // the loss depends on how many images there are to choose from

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        CaptionTexts.Drawn drawn = texts.draw(images.labels(), noise);
        Tensor image;
        Tensor text;
        try (Precision.Scope scope = precision.enter()) {
            image = network.embedImages(ops, Intensities.of(images));
            text = network.embedTexts(ops, tokens(drawn.tokens()), torch.tensor(drawn.tokens().lengths()));
        }
        Tensor scale = ops.parameter(Clip.LOGIT_SCALE).exp();
        return network.config().sigmoid()
                ? pairwise(image, text, scale, ops.parameter(Clip.LOGIT_BIAS), drawn.same())
                : symmetric(image, text, scale, drawn.same());
    }

    /** Token ids (B, T). */
    static Tensor tokens(CaptionTexts.Tokens tokens) {
        return torch.tensor(tokens.tokens()).reshape(tokens.lengths().length, -1);
    }

    /**
     * The symmetric cross entropy.
     *
     * @param x vectors of images (B, D)
     * @param y vectors of texts (B, D)
     * @param scale factor of the cosines
     * @param same (B, B): pairs that are left out
     */
    static Tensor symmetric(Tensor x, Tensor y, Tensor scale, boolean[] same) {
        float[] out = new float[same.length];
        for (int pair = 0; pair < out.length; pair++) {
            out[pair] = same[pair] ? Float.NEGATIVE_INFINITY : 0;
        }
        long batch = x.size(0);
        Tensor logits = x.matmul(y.t()).mul(scale).add(torch.tensor(out).reshape(batch, batch));
        Tensor own = torch.arange(new Scalar(batch));
        return cross_entropy(logits, own).add(cross_entropy(logits.t(), own)).mul(new Scalar(0.5));
    }

    /**
     * The sigmoid loss.
     *
     * @param bias added to the scaled cosines
     * @param same (B, B): pairs that are left out
     */
    static Tensor pairwise(Tensor x, Tensor y, Tensor scale, Tensor bias, boolean[] same) {
        long batch = x.size(0);
        float[] signs = new float[same.length];
        Arrays.fill(signs, -1);
        float[] kept = new float[same.length];
        for (int pair = 0; pair < kept.length; pair++) {
            kept[pair] = same[pair] ? 0 : 1;
        }
        for (int own = 0; own < batch; own++) {
            signs[(int) (own * (batch + 1))] = 1;
        }
        Tensor logits = x.matmul(y.t()).mul(scale).add(bias);
        Tensor likelihoods = log_sigmoid(logits.mul(torch.tensor(signs).reshape(batch, batch)));
        return likelihoods.mul(torch.tensor(kept).reshape(batch, batch)).sum().mul(new Scalar(-1.0 / batch));
    }

    @Override
    public boolean likelihood() {
        return false;
    }

    @Override
    public int evaluationBatch() {
        return EVALUATION_BATCH;
    }

    /** Keeps the temperature from vanishing, as the paper does. */
    @Override
    public void afterStep(Parameters weights, long noise) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            weights.tensors().get(Clip.LOGIT_SCALE).clamp_max_(new Scalar(Clip.HIGHEST_SCALE));
        }
    }
}
