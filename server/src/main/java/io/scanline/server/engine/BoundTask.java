package io.scanline.server.engine;

import io.scanline.contract.GaussianPosterior;
import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;

/** Importance-weighted bounds on the log-likelihoods of images: {@link GaussianPosterior#bound}. */
final class BoundTask extends AnswerTask<ImageScore> {
    private final List<byte[]> images;
    private final int samples;
    private final long seed;
    private final GaussianPosterior[] posteriors;
    private final double[][] logWeights; // by image and draw: first log p(z) - log q(z|x), then log p(x|z) is added

    /** @param samples latents drawn for each image */
    BoundTask(int label, List<byte[]> images, int samples, long seed, long deadlineNanos) {
        super(label, images.size(), images.size() * samples, images.size(), deadlineNanos);
        this.images = images;
        this.samples = samples;
        this.seed = seed;
        this.posteriors = new GaussianPosterior[images.size()];
        this.logWeights = new double[images.size()][samples];
    }

    @Override
    void fillEncoder(LatentCodec codec, int slot, int index) {
        codec.putImage(slot, images.get(index), label());
    }

    @Override
    void takeEncoded(LatentCodec codec, int slot, int index) throws GraphException {
        posteriors[index] = codec.posterior(slot);
    }

    @Override
    void fillDecoder(LatentCodec codec, int slot, int index) {
        int image = index / samples;
        int draw = index % samples;
        logWeights[image][draw] = codec.drawLatent(slot, posteriors[image], seed, image, draw, label());
    }

    @Override
    void takeDecoded(LatentCodec codec, int slot, int index) throws GraphException {
        int image = index / samples;
        logWeights[image][index % samples] += codec.logLikelihood(slot, images.get(image));
    }

    @Override
    List<ImageScore> results() {
        List<ImageScore> scores = new ArrayList<>();
        for (int image = 0; image < logWeights.length; image++) {
            double bound = GaussianPosterior.bound(logWeights[image]);
            double bits = -bound / (StrictMath.log(2) * images.get(image).length);
            scores.add(new ImageScore(bound, bits, new float[0]));
        }
        return List.copyOf(scores);
    }
}
