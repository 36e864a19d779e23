package io.scanline.trainer.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Images with captions. Their labels are indices of captions.
 *
 * @param images to learn from, and others to test with, whose captions are in none of the former: one image for each
 * @param unseenStyle images in a style that is in none of the others, of subjects that are in those to learn from: one for
 *     each
 * @param captions by label
 */
public record CaptionedImages(TrainTest images, Optional<ImageSet> unseenStyle, List<Caption> captions) {
    /** Copies the list. */
    public CaptionedImages {
        captions = List.copyOf(captions);
    }

    /** The same with levels. */
    public CaptionedImages fixed(Discretiser levels) {
        return new CaptionedImages(levels.fixed(images), unseenStyle.map(levels::fixed), captions);
    }

    /** Of some images the first one of every text, and of these at most so many, spread over all. */
    public ImageSet oneOfEach(ImageSet some, int most) {
        Map<String, Integer> firsts = new LinkedHashMap<>();
        for (int n = 0; n < some.size(); n++) {
            firsts.putIfAbsent(captions.get(some.labels()[n]).text(), n);
        }
        int[] indices = firsts.values().stream().mapToInt(n -> n).toArray();
        int count = Math.min(most, indices.length);
        return some.select(IntStream.range(0, count)
                .map(n -> indices[(int) ((long) n * indices.length / count)])
                .toArray());
    }

    /** The captions of some images, in their order. */
    public List<Caption> of(ImageSet some) {
        return Arrays.stream(some.labels()).mapToObj(captions::get).toList();
    }
}
