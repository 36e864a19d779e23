package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import io.scanline.bundle.v1.LatentKind;
import io.scanline.bundle.v1.LatentSpace;
import io.scanline.trainer.data.ImageSet;
import java.io.IOException;
import java.util.function.IntConsumer;

/**
 * What a bundle makes of an image, as one row of numbers: a classifier its features, a model of images and texts its
 * vector, an autoencoder its latent, a VAE the mean of its latent's distribution, a tokenizer how often each code
 * occurs.
 *
 * @param stored the bundle
 * @param threads that share the images
 */
public record ImageVectors(StoredBundle stored, int threads) {
    /**
     * Those of a bundle.
     *
     * @throws IOException when it makes none of images; the message says so
     */
    public static ImageVectors of(StoredBundle stored, int threads) throws IOException {
        if (!stored.looks() && (stored.bundle().hasAutoregression() || !LatentSession.encodes(stored))) {
            throw new IOException(stored.bundle().getName() + " is of the family " + stored.bundle().getFamily()
                    + ", which makes no numbers of images");
        }
        return new ImageVectors(stored, threads);
    }

    /** Whether they are latents that its decoder takes. */
    public boolean decodable() {
        return !stored.looks() && !tokens();
    }

    private boolean tokens() {
        return latent().getKind() == LatentKind.LATENT_KIND_TOKENS;
    }

    private LatentSpace latent() {
        return stored.bundle().getLatent();
    }

    /** Where the numbers come from, as protocols quote it. */
    public String name() {
        if (stored.bundle().hasClassifier()) {
            return output() + " of the classifier";
        }
        if (stored.bundle().hasEmbedding()) {
            return "vectors of the image encoder";
        }
        return switch (latent().getKind()) {
            case LATENT_KIND_TOKENS -> "counts of " + latent().getCodes() + " codes";
            case LATENT_KIND_GAUSSIAN -> "means of latents";
            default -> "latents";
        };
    }

    /** What the graph calls them. */
    private String output() {
        if (stored.bundle().hasClassifier()) {
            return stored.required(VisionSession.CLASSIFIER).containsTensors("features") ? "features" : "logits";
        }
        return VisionSession.EMBEDDING;
    }

    /**
     * The rows of images, one behind the other.
     *
     * @param progress told how many images are done, by several threads
     */
    public float[] of(ImageSet images, IntConsumer progress) throws IOException, OrtException, InterruptedException {
        if (stored.looks()) {
            return new ImageAnswers(stored, threads).of(images, progress).get(output());
        }
        int grid = latent().getShapeList().stream().reduce(1, Math::multiplyExact);
        int width = tokens() ? latent().getCodes() : grid;
        float[] rows = new float[Math.multiplyExact(images.size(), width)];
        new ImageSums(stored, Math.min(threads, images.size()))
                .of(
                        images,
                        0,
                        (session, some, first, nothing) -> {
                            float[] latents = session.latents(session.encode(some));
                            for (int i = 0; i < latents.length; i++) {
                                if (tokens()) {
                                    rows[(first + i / grid) * width + (int) latents[i]]++;
                                } else {
                                    rows[first * width + i] = latents[i];
                                }
                            }
                        },
                        progress);
        return rows;
    }
}
