package io.scanline.trainer.training;

import io.scanline.trainer.models.Autoencoder;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.models.DiagonalBiLstm;
import io.scanline.trainer.models.GatedPixelCnn;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageTransformer;
import io.scanline.trainer.models.ModelConfig;
import io.scanline.trainer.models.PixelCnn;
import io.scanline.trainer.models.RowLstm;
import io.scanline.trainer.models.TokenPrior;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.models.VectorQuantisedAutoencoder;
import io.scanline.trainer.models.WaveNet;
import java.util.Map;
import java.util.TreeMap;

/** The model families by the names that recipes give them. */
final class Families {
    private static final Map<String, Class<? extends ModelConfig>> CONFIGS =
            new TreeMap<>(Map.of(
                    "autoencoder", Autoencoder.Config.class,
                    "diagonal-bilstm", DiagonalBiLstm.Config.class,
                    "gated-pixel-cnn", GatedPixelCnn.Config.class,
                    "image-transformer", ImageTransformer.Config.class,
                    "pixel-cnn", PixelCnn.Config.class,
                    "row-lstm", RowLstm.Config.class,
                    "token-prior", TokenPrior.Config.class,
                    "vae", VariationalAutoencoder.Config.class,
                    "vq-vae", VectorQuantisedAutoencoder.Config.class,
                    "wavenet", WaveNet.Config.class));

    private Families() {}

    /** What a recipe's model is read as, by family. */
    static Map<String, Class<? extends ModelConfig>> configs() {
        return CONFIGS;
    }

    /** What training lowers for a network of any of the families. */
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
        throw new IllegalArgumentException("nothing is known that trains a " + network.getClass().getSimpleName());
    }
}
