package io.scanline.trainer.training;

import io.scanline.bundle.v1.Observation;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.models.VariationalAutoencoder;
import io.scanline.trainer.ops.Precision;
import io.scanline.trainer.ops.TorchOps;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The negative evidence lower bound (Kingma and Welling 2014, Eq. 3) with one latent for every image, over the values.
 *
 * @param network trained
 */
record EvidenceBound(VariationalAutoencoder network) implements Objective {
    @Override
    public Tensor loss(TorchOps ops, ImageSet images, Precision precision, long noise) {
        Tensor image = Intensities.of(images);
        Map<String, Tensor> posterior;
        try (Precision.Scope scope = precision.enter()) {
            posterior = network.encode(ops, image);
        }
        Tensor mean = posterior.get("mean").to(ScalarType.Float);
        Tensor logVariance = posterior.get("log_variance").to(ScalarType.Float);
        Tensor deviation = logVariance.mul(new Scalar(0.5)).exp();
        Tensor latent = mean.add(deviation.mul(Noise.normal(noise, mean.shape()))); // Eq. 4
        Map<String, Tensor> decoded;
        try (Precision.Scope scope = precision.enter()) {
            decoded = network.decode(ops, latent);
        }
        Tensor surprise = network.latent().getObservation() == Observation.OBSERVATION_BERNOULLI
                ? ObservationLoss.bernoulli(decoded.get("logits").to(ScalarType.Float), image)
                : ObservationLoss.gaussian(
                        decoded.get("image").to(ScalarType.Float),
                        decoded.get("log_deviation").to(ScalarType.Float),
                        image,
                        images.levels());
        return surprise.add(divergence(mean, logVariance)).div(new Scalar((double) images.values().length));
    }

    /** KL(N(mean, exp(logVariance)) || N(0, I)), summed over images and components (Appendix B). */
    static Tensor divergence(Tensor mean, Tensor logVariance) {
        Tensor terms = mean.square().add(logVariance.exp()).sub(logVariance).sub(new Scalar(1.0));
        return terms.sum().mul(new Scalar(0.5));
    }
}
