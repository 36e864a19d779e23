package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Maximum likelihood of every id of a caption given those before it and the image: a mean over ids, of which what is filled up is
 * none. In the first stage the image encoder gets no gradients. In training a caption is said in one of its ways, and numbers drop
 * out; validation gives every image its first text and drops nothing.
 *
 * @param network trained
 * @param texts of the captions that the images' labels name
 * @param encoder what the image encoder starts with
 */
public record NextWord(Captioner network, CaptionTexts texts, Parameters encoder) implements Objective {
    private static final long FILLING = -100; // targets that libtorch leaves out

    @Override
    public void begin(Parameters initial) {
        initial.part(network.images().parameters()).set(encoder);
    }

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        return loss(ops, ops, images, precision, texts.plain(images.labels()), true);
    }

    @Override
    public List<Player> players() {
        return List.of(new Player("network", network.parameters(), this::trainingLoss));
    }

    private Tensor trainingLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        SplittableRandom random = new SplittableRandom(noise);
        CaptionTexts.Tokens said = texts.said(images.labels(), random.nextLong());
        TorchOps dropping = ops.dropping(network.config().dropout(), random.nextLong());
        return loss(ops.jittering(random.nextLong()), dropping, images, precision, said, step >= network.config().alignment());
    }

    /**
     * The loss.
     *
     * @param seeing what the image encoder computes with
     * @param talking what the rest computes with
     * @param all whether the image encoder gets gradients
     */
    private Tensor loss(
            TorchOps seeing,
            TorchOps talking,
            ImageSet images,
            Precision precision,
            CaptionTexts.Tokens said,
            boolean all) {
        int longest = Math.toIntExact(Arrays.stream(said.lengths()).max().orElseThrow());
        Tensor tokens = Contrastive.tokens(said);
        Tensor logits;
        try (Precision.Scope scope = precision.enter()) {
            Tensor features = all ? network.features(seeing, Intensities.of(images)) : still(seeing, images);
            Tensor prefix = network.project(talking, features);
            Tensor states = states(network, talking, prefix, tokens.narrow(1, 0, longest - 1L)); // nothing follows the last
            logits = network.logits(talking, states.narrow(1, network.prefix(), longest - 1L));
        }
        return cross_entropy(
                logits.to(ScalarType.Float).reshape(-1, network.config().text().vocabulary()),
                torch.tensor(targets(said, longest)));
    }

    private Tensor still(TorchOps ops, ImageSet images) {
        try (NoGradGuard noGradients = new NoGradGuard()) {
            return network.features(ops, Intensities.of(images));
        }
    }

    /**
     * States of whole sequences.
     *
     * @param prefix (B, N, D)
     * @param tokens int64 (B, T)
     * @return (B, N + T, D)
     */
    static Tensor states(Captioner network, TorchOps ops, Tensor prefix, Tensor tokens) {
        long batch = tokens.size(0);
        long ids = tokens.size(1);
        int images = network.prefix();
        Tensor vectors = torch.cat(new TensorVector(prefix, torch.zeros(batch, ids, network.width()).to(prefix.scalar_type())), 1);
        Tensor all = torch.cat(new TensorVector(tokens.narrow(1, 0, 1).expand(batch, images), tokens), 1);
        Tensor positions = torch.arange(new Scalar(images + ids)).to(ScalarType.Long).expand(batch, images + ids);
        return network.states(ops, vectors, all, positions);
    }

    /** The ids from the second on, (B, longest - 1). */
    private static long[] targets(CaptionTexts.Tokens said, int longest) {
        int count = said.lengths().length;
        int context = said.tokens().length / count;
        long[] targets = new long[count * (longest - 1)];
        Arrays.fill(targets, FILLING);
        for (int n = 0; n < count; n++) {
            System.arraycopy(said.tokens(), n * context + 1, targets, n * (longest - 1), (int) said.lengths()[n] - 1);
        }
        return targets;
    }

    /** In nats of an id, where others are in bits of a value. */
    @Override
    public boolean likelihood() {
        return false;
    }

    @Override
    public int evaluationBatch() {
        return 64;
    }
}
