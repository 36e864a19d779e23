package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.cross_entropy;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import io.scanline.trainer.text.CaptionTexts;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Maximum likelihood of every code given those before it and a text. In training a text is drawn for every image, or left out,
 * and numbers drop out; validation gives every image its caption and drops nothing.
 *
 * @param network trained
 * @param texts of the captions that the images' labels name
 */
public record NextCode(TextPrior network, CaptionTexts texts) implements Objective {
    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        return loss(ops, images, precision, texts.plain(images.labels()));
    }

    @Override
    public List<Player> players() {
        return List.of(new Player("network", network.parameters(), this::trainingLoss));
    }

    private Tensor trainingLoss(TorchOps ops, ImageSet images, Precision precision, long noise, int step) {
        SplittableRandom random = new SplittableRandom(noise);
        CaptionTexts.Tokens said = texts.said(images.labels(), random.nextLong());
        return loss(ops.dropping(network.config().dropout(), random.nextLong()), images, precision, said);
    }

    private Tensor loss(TorchOps ops, ImageSet images, Precision precision, CaptionTexts.Tokens said) {
        Batch batch = Batch.of(network, images);
        int longest = Math.toIntExact(Arrays.stream(said.lengths()).max().orElseThrow());
        Tensor tokens = Contrastive.tokens(said).narrow(1, 0, longest); // nothing is known of what is behind
        Tensor logits;
        try (Precision.Scope scope = precision.enter()) {
            Tensor condition = network.condition(ops, tokens, longest, torch.tensor(said.lengths()));
            logits = batch.logits(network, ops, Optional.of(condition));
        }
        return cross_entropy(logits.to(ScalarType.Float).reshape(-1, network.shape().levels()), batch.target());
    }
}
