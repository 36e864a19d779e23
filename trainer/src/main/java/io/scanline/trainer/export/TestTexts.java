package io.scanline.trainer.export;

import io.scanline.trainer.data.Caption;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.ImageSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Test images with a text each: that of label 0 is empty, and image n has label n + 1.
 *
 * @param images with such labels
 * @param texts by label
 */
record TestTexts(ImageSet images, List<String> texts) {
    private static final long SHUFFLE = 1;

    /** Of some test images, with the texts that figures are measured with. */
    static TestTexts of(CaptionedImages captioned, ImageSet test) {
        List<String> texts = new ArrayList<>(List.of(""));
        captioned.of(test).stream().map(Caption::text).forEach(texts::add);
        return new TestTexts(
                labelled(test, texts, IntStream.rangeClosed(1, test.size()).toArray()), List.copyOf(texts));
    }

    /** The same images with other labels. */
    private static ImageSet labelled(ImageSet test, List<String> texts, int... labels) {
        return new ImageSet(
                test.values(), labels, test.width(), test.height(), test.channels(), test.levels(), texts);
    }

    /** The same images without a text. */
    ImageSet empty() {
        return labelled(images, texts, new int[images.size()]);
    }

    /** The same images, each with the text of another, by chance and always the same. */
    ImageSet shuffled() {
        return labelled(images, texts, others());
    }

    /** The labels of {@link #shuffled}: in a shuffled circle everyone has the next one's. */
    int[] others() {
        List<Integer> circle = new ArrayList<>(Arrays.stream(images.labels()).boxed().toList());
        Collections.shuffle(circle, new Random(SHUFFLE));
        int[] labels = new int[circle.size()];
        for (int at = 0; at < labels.length; at++) {
            labels[circle.get(at) - 1] = circle.get((at + 1) % labels.length);
        }
        return labels;
    }
}
