package io.scanline.trainer.training;

import static org.bytedeco.pytorch.global.torch.mse_loss;

import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.VectorQuantisedAutoencoder;
import io.scanline.trainer.models.VectorQuantisedAutoencoder.Codebook;
import io.scanline.trainer.nn.LatentQuantiser.Quantised;
import io.scanline.trainer.nn.NearestCode;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Squared error of reconstructions from codes and, with a learned codebook, what ties codebook and encoder together
 * (van den Oord et al. 2017, Eq. 3).
 *
 * @param network trained
 */
record QuantisedError(VectorQuantisedAutoencoder network) implements Objective {
    /**
     * What becomes of images.
     *
     * @param decoded (B, C, H, W)
     * @param error squared, over the variance
     * @param loss the error, and what ties codebook and encoder together
     */
    record Reconstructed(Tensor decoded, Tensor error, Tensor loss) {
        /** The same with something added to the error. */
        Reconstructed plus(Tensor term) {
            return new Reconstructed(decoded, error.add(term), loss.add(term));
        }
    }

    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        return reconstruct(ops, images, precision).loss();
    }

    /** Encodes and decodes images. */
    Reconstructed reconstruct(TorchOps ops, ImageSet images, Precision precision) {
        Tensor image = Intensities.of(images);
        Quantised<Tensor> quantised;
        Tensor decoded;
        try (Precision.Scope scope = precision.enter()) {
            quantised = network.quantise(ops, image);
            decoded = network.picture(ops, quantised.straightThrough(ops));
        }
        Scalar variance = new Scalar(network.config().variance());
        decoded = decoded.to(ScalarType.Float);
        Tensor error = mse_loss(decoded, image).div(variance);
        if (!(network.quantiser() instanceof NearestCode nearest)) {
            return new Reconstructed(decoded, error, error);
        }
        Tensor vectors = quantised.source().to(ScalarType.Float);
        Codebook codebook = network.config().codebook();
        Tensor tied = commitment(vectors, quantised.code(), codebook.commitment());
        if (!codebook.average()) {
            tied = tied.add(codebookLoss(vectors, quantised.code()));
        }
        Tensor loss = error.add(tied).add(CodebookAverages.carry(ops, nearest, vectors, quantised.tokens()));
        return new Reconstructed(decoded, error, loss);
    }

    /** mean |sg(z_e) - e|^2: moves the codes. */
    static Tensor codebookLoss(Tensor vectors, Tensor codes) {
        return mse_loss(codes, vectors.detach());
    }

    /** beta mean |z_e - sg(e)|^2: moves the encoder. */
    static Tensor commitment(Tensor vectors, Tensor codes, double beta) {
        return mse_loss(vectors, codes.detach()).mul(new Scalar(beta));
    }

    @Override
    public boolean likelihood() {
        return false;
    }

    @Override
    public void afterStep(Parameters weights, long noise) {
        if (network.quantiser() instanceof NearestCode nearest) {
            new CodebookAverages(nearest, network.config().codebook()).update(weights, noise);
        }
    }
}
