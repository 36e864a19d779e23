package io.scanline.contract;

/**
 * The normal distribution q(z|x) with independent components that an encoder answers, and the importance weights of
 * latents drawn from it. {@link StrictMath} only: the same on every JVM and CPU.
 *
 * @param mean D means
 * @param logVariance D logarithms of variances
 */
public record GaussianPosterior(float[] mean, float[] logVariance) {
    /**
     * Draws a latent, z = mean + exp(logVariance / 2) * noise with {@link CounterRandom#normal} as noise.
     *
     * @param draw which latent of the image, from 0
     * @param latent is given the D components, rounded to float, from {@code at}
     * @return log p(z) - log q(z|x) with p standard normal, in nats
     */
    public double draw(long seed, int imageIndex, int draw, float[] latent, int at) {
        double sum = 0;
        for (int component = 0; component < mean.length; component++) {
            double noise = CounterRandom.normal(seed, imageIndex, component, draw);
            double z = mean[component] + StrictMath.exp(logVariance[component] / 2.0) * noise;
            latent[at + component] = (float) z;
            sum += (noise * noise - z * z + logVariance[component]) / 2;
        }
        return sum;
    }

    /**
     * The importance-weighted bound on log p(x) of Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders"
     * (ICLR 2016), Eq. 8: the logarithm of the mean weight. With one weight it is the evidence lower bound.
     *
     * @param logWeights log p(x|z) + log p(z) - log q(z|x) of every latent, in nats; at least one
     */
    public static double bound(double[] logWeights) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (double weight : logWeights) {
            greatest = StrictMath.max(greatest, weight); // NaN wins
        }
        if (greatest == Double.NEGATIVE_INFINITY) {
            return greatest;
        }
        double sum = 0;
        for (double weight : logWeights) {
            sum += StrictMath.exp(weight - greatest);
        }
        return greatest + StrictMath.log(sum / logWeights.length);
    }
}
