package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;
import static org.bytedeco.pytorch.global.torch.log_sigmoid;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import io.scanline.trainer.text.RivalTexts;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Brings images and their captions together and those of other images apart: see {@link Clip} for the equations. The other
 * images are those that one worker has of a batch: with two workers, in one process or two, half of it.
 *
 * @param network trained
 * @param texts of the captions that the images' labels name
 * @param rivals texts that images are told from besides
 */
public record Contrastive(Clip network, CaptionTexts texts, RivalTexts rivals) implements Objective {
    private static final int LENGTH_GROUPS = 4;
    private static final int EVALUATION_BATCH = 128; // the loss depends on how many images there are to choose from

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        CaptionTexts.Drawn drawn = texts.draw(images.labels(), rivals, noise);
        Tensor image;
        Tensor text;
        try (Precision.Scope scope = precision.enter()) {
            image = network.embedImages(ops, Intensities.of(images));
            text = embedTexts(ops, drawn.tokens());
        }
        Tensor scale = ops.parameter(Clip.LOGIT_SCALE).exp();
        return network.config().sigmoid()
                ? pairwise(image, text, scale, ops.parameter(Clip.LOGIT_BIAS), drawn.same())
                : symmetric(image, text, scale, drawn.same());
    }

    @Override
    public List<Player> players() {
        return List.of(new Player(
                "network",
                network.parameters(),
                (ops, images, precision, noise, step) -> loss(ops.jittering(noise), images, precision, noise)));
    }

    /**
     * Vectors of texts, (B, D). Texts of like lengths are computed together and cut off where the longest of them ends: what is behind
     * a text's end changes nothing, and would be most of the work.
     */
    Tensor embedTexts(TorchOps ops, CaptionTexts.Tokens texts) {
        long[] lengths = texts.lengths();
        long[] byLength = IntStream.range(0, lengths.length)
                .boxed()
                .sorted(Comparator.comparingLong(text -> lengths[text]))
                .mapToLong(text -> text)
                .toArray();
        long[] places = new long[lengths.length];
        for (int place = 0; place < places.length; place++) {
            places[(int) byLength[place]] = place;
        }
        Tensor tokens = tokens(texts);
        TensorVector groups = new TensorVector();
        int size = (lengths.length + LENGTH_GROUPS - 1) / LENGTH_GROUPS;
        for (int start = 0; start < byLength.length; start += size) {
            long[] group = Arrays.copyOfRange(byLength, start, Math.min(byLength.length, start + size));
            long[] ends = Arrays.stream(group).map(text -> lengths[(int) text]).toArray();
            int longest = (int) ends[ends.length - 1];
            Tensor some = tokens.index_select(0, torch.tensor(group)).narrow(1, 0, longest);
            groups.push_back(network.embedTexts(ops, some, torch.tensor(ends), longest));
        }
        return torch.cat(groups, 0).index_select(0, torch.tensor(places));
    }

    /** Token ids (B, T). */
    static Tensor tokens(CaptionTexts.Tokens tokens) {
        return torch.tensor(tokens.tokens()).reshape(tokens.lengths().length, -1);
    }

    /**
     * The symmetric cross entropy. Texts of rivals, which have no image, are those of no query.
     *
     * @param x vectors of images (B, D)
     * @param y vectors of their texts, and of those of rivals (B + R, D)
     * @param scale factor of the cosines
     * @param same (B, B + R): pairs that are left out
     */
    static Tensor symmetric(Tensor x, Tensor y, Tensor scale, boolean[] same) {
        float[] out = new float[same.length];
        for (int pair = 0; pair < out.length; pair++) {
            out[pair] = same[pair] ? Float.NEGATIVE_INFINITY : 0;
        }
        long batch = x.size(0);
        Tensor logits = x.matmul(y.t()).mul(scale).add(torch.tensor(out).reshape(batch, y.size(0)));
        Tensor own = torch.arange(new Scalar(batch));
        Tensor byText = logits.narrow(1, 0, batch).t();
        return cross_entropy(logits, own).add(cross_entropy(byText, own)).mul(new Scalar(0.5));
    }

    /**
     * The sigmoid loss.
     *
     * @param y vectors of their texts, and of those of rivals (B + R, D)
     * @param bias added to the scaled cosines
     * @param same (B, B + R): pairs that are left out
     */
    static Tensor pairwise(Tensor x, Tensor y, Tensor scale, Tensor bias, boolean[] same) {
        long batch = x.size(0);
        long all = y.size(0);
        float[] signs = new float[same.length];
        Arrays.fill(signs, -1);
        float[] kept = new float[same.length];
        for (int pair = 0; pair < kept.length; pair++) {
            kept[pair] = same[pair] ? 0 : 1;
        }
        for (int own = 0; own < batch; own++) {
            signs[(int) (own * (all + 1))] = 1;
        }
        Tensor logits = x.matmul(y.t()).mul(scale).add(bias);
        Tensor likelihoods = log_sigmoid(logits.mul(torch.tensor(signs).reshape(batch, all)));
        return likelihoods.mul(torch.tensor(kept).reshape(batch, all)).sum().mul(new Scalar(-1.0 / batch));
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
