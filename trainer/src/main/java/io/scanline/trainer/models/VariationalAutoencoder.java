package io.scanline.trainer.models;

import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.bundle.v1.Observation;
import io.scanline.trainer.nn.ImageDecoder;
import io.scanline.trainer.nn.ImageEncoder;
import io.scanline.trainer.nn.Planes;
import io.scanline.trainer.ops.Ops;
import io.scanline.trainer.ops.ParameterSpec;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Variational autoencoder (Kingma and Welling 2014, "Auto-encoding variational Bayes", arXiv 1312.6114). With a prior
 * p(z) = N(0, I), a decoder p(x|z) and an encoder q(z|x) = N(mu, diag(sigma^2)), it maximises the evidence lower bound
 *
 * <pre>
 *   log p(x) >= E_q[log p(x|z)] - KL(q(z|x) || p(z))                             (Eq. 3)
 *   z = mu + sigma * epsilon,  epsilon ~ N(0, I)                                 (Eq. 4)
 *   KL = -1/2 sum_j (1 + log sigma_j^2 - mu_j^2 - sigma_j^2)                     (Appendix B)
 * </pre>
 *
 * with one epsilon an image and step. What is reported is the bound with one latent and the tighter one with k latents
 * of Burda, Grosse and Salakhutdinov 2016, "Importance weighted autoencoders", arXiv 1509.00519, Eq. 8.
 *
 * <p>Observations p(x|z), the values independent given z:
 * <ul>
 *   <li>bernoulli (Appendix C.1): two levels, the decoder gives the log-odds of the higher one.
 *   <li>gaussian (Appendix C.2): the decoder gives a mean and a log deviation for every value, both learned. A level
 *       has the mass that the normal distribution has on its interval of intensities, so that the bound is one on the
 *       probability of what is stored and its bits/dim compare with those of other models.
 *   <li>gaussian with shared noise (Rybkin, Daniilidis and Levine 2021, "Simple and effective VAE training with calibrated
 *       decoders", arXiv 2006.13202, section 4): one learned deviation for each channel. The bound is then a squared error
 *       at the best weight, so that reconstructions are sharper, and it cannot be overconfident of single values.
 * </ul>
 *
 * <p>Deviations from the paper:
 * <ul>
 *   <li>GELU instead of tanh or logistic hidden units, more layers, convolutions where a recipe asks for features.
 *   <li>gaussian: the mean is kept in (0, 1), where intensities are, and the deviation between {@link #LEAST_DEVIATION}
 *       and 1; the paper's density of real numbers has no bound and is no probability of levels.
 * </ul>
 */
public final class VariationalAutoencoder implements LatentNetwork {
    /** Least standard deviation of an intensity in a gaussian observation. */
    public static final double LEAST_DEVIATION = 1.0 / 512;

    private static final String NOISE = "noise";

    /**
     * Hyper-parameters.
     *
     * @param latent D, components of z
     * @param features channels of convolutions that halve the edges; none: dense layers only
     * @param hidden widths of the encoder's dense layers; the decoder mirrors them
     * @param observation "bernoulli" or "gaussian"
     * @param noise of a gaussian observation: "each", a deviation for every value, or "shared", one for each channel; null:
     *     "each"
     */
    public record Config(int latent, List<Integer> features, List<Integer> hidden, String observation, String noise)
            implements ModelConfig {
        @Override
        public void check() {
            ModelConfig.require(latent >= 1 && latent <= 65536, "a latent of 1 to 65536 components, not " + latent);
            ModelConfig.requireWidths(features, "features");
            ModelConfig.requireWidths(hidden, "hidden");
            ModelConfig.require(
                    "bernoulli".equals(observation) || "gaussian".equals(observation),
                    "bernoulli or gaussian as observation, not " + observation);
            ModelConfig.require(
                    noise == null || gaussian() && (noise.equals("each") || shared()),
                    "noise: each or shared with a gaussian observation, or none, not " + noise);
        }

        private boolean gaussian() {
            return observation.equals("gaussian");
        }

        private boolean shared() {
            return "shared".equals(noise);
        }

        @Override
        public VariationalAutoencoder network(ImageShape shape) {
            return new VariationalAutoencoder(shape, this);
        }
    }

    private final ImageShape shape;
    private final Config config;
    private final ImageEncoder encoder;
    private final ImageDecoder decoder;

    /** A model of images of this shape. */
    public VariationalAutoencoder(ImageShape shape, Config config) {
        ModelConfig.require(
                config.gaussian() || shape.levels() == 2, "2 levels for bernoulli observations, not " + shape.levels());
        this.shape = shape;
        this.config = config;
        this.encoder = new ImageEncoder("encoder", planes(), config.features(), config.hidden(), 2 * config.latent());
        Planes decoded = config.gaussian() && !config.shared()
                ? new Planes(2 * shape.channels(), shape.height(), shape.width()) // mean and deviation
                : planes();
        this.decoder = new ImageDecoder("decoder", config.latent(), config.hidden(), config.features(), decoded);
    }

    @Override
    public ImageShape shape() {
        return shape;
    }

    @Override
    public LatentSpace latent() {
        return LatentSpace.newBuilder()
                .setKind(LatentKind.LATENT_KIND_GAUSSIAN)
                .addShape(config.latent())
                .setObservation(
                        config.gaussian() ? Observation.OBSERVATION_GAUSSIAN : Observation.OBSERVATION_BERNOULLI)
                .build();
    }

    @Override
    public List<ParameterSpec> parameters() {
        return Stream.of(
                        encoder.parameters().stream(),
                        decoder.parameters().stream(),
                        config.shared()
                                ? Stream.of(ParameterSpec.constant(NOISE, 0, shape.channels()))
                                : Stream.<ParameterSpec>empty())
                .flatMap(parameters -> parameters)
                .toList();
    }

    @Override
    public <T> Map<String, T> encode(Ops<T> ops, T image) {
        T both = encoder.apply(ops, image); // (B, 2 D)
        return Map.of(
                "mean", ops.narrow(both, 1, 0, config.latent()),
                "log_variance", ops.narrow(both, 1, config.latent(), config.latent()));
    }

    @Override
    public <T> Map<String, T> decode(Ops<T> ops, T latent) {
        T decoded = decoder.apply(ops, latent);
        if (!config.gaussian()) {
            return Map.of("logits", decoded, "image", ops.sigmoid(decoded));
        }
        if (config.shared()) {
            T mean = ops.sigmoid(decoded);
            T one = logDeviation(ops, ops.reshape(ops.parameter(NOISE), shape.channels(), 1, 1)); // (C, 1, 1)
            T nothing = ops.multiply(mean, ops.number(0)); // (B, C, H, W)
            return Map.of("image", mean, "log_deviation", ops.add(nothing, one));
        }
        T mean = ops.sigmoid(ops.narrow(decoded, 1, 0, shape.channels()));
        T noise = ops.narrow(decoded, 1, shape.channels(), shape.channels());
        return Map.of("image", mean, "log_deviation", logDeviation(ops, noise));
    }

    /** From log {@link #LEAST_DEVIATION} to 0. */
    private static <T> T logDeviation(Ops<T> ops, T noise) {
        T least = ops.number((float) Math.log(LEAST_DEVIATION));
        return ops.subtract(least, ops.multiply(least, ops.sigmoid(noise)));
    }
}
