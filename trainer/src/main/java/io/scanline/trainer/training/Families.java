package io.scanline.trainer.training;

import io.scanline.trainer.models.Autoencoder;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.Captioner;
import io.scanline.trainer.models.Clip;
import io.scanline.trainer.models.DiagonalBiLstm;
import io.scanline.trainer.models.GatedPixelCnn;
import io.scanline.trainer.models.GenerativeAdversarialNetwork;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.models.PixelCnn;
import io.scanline.trainer.models.RowLstm;
import io.scanline.trainer.models.TextPrior;
import io.scanline.trainer.models.TokenPrior;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.models.VectorQuantisedAutoencoder;
import io.scanline.trainer.models.VisionTransformer;
import io.scanline.trainer.models.VectorQuantisedGan;
import io.scanline.trainer.models.WaveNet;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The model families by the names that recipes give them. */
final class Families {
    private static final Map<String, Class<? extends ModelConfig>> CONFIGS =
            new TreeMap<>(Map.ofEntries(
                    Map.entry("autoencoder", Autoencoder.Config.class),
                    Map.entry("captioner", Captioner.Config.class),
                    Map.entry("clip", Clip.Config.class),
                    Map.entry("diagonal-bilstm", DiagonalBiLstm.Config.class),
                    Map.entry("gan", GenerativeAdversarialNetwork.Config.class),
                    Map.entry("gated-pixel-cnn", GatedPixelCnn.Config.class),
                    Map.entry("image-transformer", ImageTransformer.Config.class),
                    Map.entry("pixel-cnn", PixelCnn.Config.class),
                    Map.entry("row-lstm", RowLstm.Config.class),
                    Map.entry("text-prior", TextPrior.Config.class),
                    Map.entry("token-prior", TokenPrior.Config.class),
                    Map.entry("vae", VariationalAutoencoder.Config.class),
                    Map.entry("vit", VisionTransformer.Config.class),
                    Map.entry("vq-gan", VectorQuantisedGan.Config.class),
                    Map.entry("vq-vae", VectorQuantisedAutoencoder.Config.class),
                    Map.entry("wavenet", WaveNet.Config.class)));

    private Families() {}

    /** What a recipe's model is read as, by family. */
    static Map<String, Class<? extends ModelConfig>> configs() {
        return CONFIGS;
    }

    /** What training lowers for a network of any of the families but those that need more than images. */
    static Objective objective(ImageNetwork network) {
        if (network instanceof AutoregressiveNetwork autoregressive) {
            return new NextValue(autoregressive);
        }
        if (network instanceof Autoencoder autoencoder) {
            return new SquaredError(autoencoder);
        }
        if (network instanceof VariationalAutoencoder variational) {
            return new EvidenceBound(variational);
        }
        if (network instanceof VectorQuantisedAutoencoder quantised) {
            return new QuantisedError(quantised);
        }
        if (network instanceof VisionTransformer classifier) {
            return new ClassEntropy(classifier);
        }
        if (network instanceof VectorQuantisedGan quantised) {
            return new QuantisedGame(quantised, Optional.empty());
        }
        if (network instanceof GenerativeAdversarialNetwork adversarial) {
            return AdversarialGame.of(adversarial);
        }
        throw new IllegalArgumentException("nothing is known that trains a " + network.getClass().getSimpleName());
    }
}
