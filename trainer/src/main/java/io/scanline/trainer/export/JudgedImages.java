package io.scanline.trainer.export;

import io.scanline.trainer.evaluation.Paired;
import io.scanline.trainer.evaluation.Retrieval;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Images, several of every caption one behind the other, and texts, as vectors.
 *
 * @param images vectors
 * @param each images of a caption
 * @param texts vectors
 * @param dimensions of the vectors
 */
record JudgedImages(float[] images, int each, float[] texts, int dimensions) {
    /** Of an image of a caption, and a text. */
    double cosine(int caption, int candidate, int text) {
        return Retrieval.product(images, caption * each + candidate, texts, text, dimensions);
    }

    /** Of every caption, 100 times the mean cosine of its images and a text. */
    Paired score(int... wanted) {
        return new Paired(IntStream.range(0, wanted.length)
                .mapToDouble(caption -> IntStream.range(0, each)
                        .mapToDouble(candidate -> 100 * cosine(caption, candidate, wanted[caption]))
                        .average()
                        .orElseThrow())
                .toArray());
    }

    /** Of every caption, the image that is nearest to it, the first of several. */
    JudgedImages best(int... own) {
        int[] best = bestIndices(own);
        float[] kept = new float[own.length * dimensions];
        for (int caption = 0; caption < own.length; caption++) {
            System.arraycopy(images, best[caption] * dimensions, kept, caption * dimensions, dimensions);
        }
        return new JudgedImages(kept, 1, texts, dimensions);
    }

    /** The same as indices among all images. */
    int[] bestIndices(int... own) {
        int[] indices = new int[own.length];
        for (int caption = 0; caption < own.length; caption++) {
            int best = 0;
            for (int candidate = 1; candidate < each; candidate++) {
                best = cosine(caption, candidate, own[caption]) > cosine(caption, best, own[caption])
                        ? candidate
                        : best;
            }
            indices[caption] = caption * each + best;
        }
        return indices;
    }

    /** Per cent of the images that are nearer to their caption than to all of some wrong texts. */
    double right(int[] own, int[][] wrong) {
        long right = IntStream.range(0, own.length * each)
                .filter(image -> {
                    int caption = image / each;
                    double cosine = cosine(caption, image % each, own[caption]);
                    return Arrays.stream(wrong[caption])
                            .allMatch(text -> cosine(caption, image % each, text) < cosine);
                })
                .count();
        return 100.0 * right / (own.length * each);
    }
}
