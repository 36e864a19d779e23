package io.scanline.trainer.text;

import io.scanline.trainer.data.Caption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Captions that an image is told from besides those of its batch, in which there is seldom one like its own (hard negatives, after
 * Faghri et al. 2018, "VSE++", arXiv:1707.05612). Half of them stand near its own in the data set, where like subjects stand together
 * (one clock beside another); the others may be any. They need no image, and a text is cheap beside one.
 */
public final class RivalTexts {
    /** None. */
    public static final RivalTexts NONE = new RivalTexts(List.of(), 0);

    /** How far away a caption may stand that is near. */
    private static final int NEAR = 12;

    private final List<Caption> captions;
    private final Map<String, Integer> places = new HashMap<>();
    private final int perImage;

    private RivalTexts(List<Caption> captions, int perImage) {
        this.captions = captions;
        this.perImage = perImage;
        for (int place = 0; place < captions.size(); place++) {
            places.put(captions.get(place).text(), place);
        }
    }

    /**
     * So many for every image.
     *
     * @param learned captions of the images to learn from, in the order of the data set: of no others, which are to stay unknown
     */
    public static RivalTexts of(List<Caption> learned, int perImage) {
        Map<String, Caption> different = new LinkedHashMap<>();
        learned.forEach(caption -> different.putIfAbsent(caption.text(), caption));
        return new RivalTexts(List.copyOf(different.values()), perImage);
    }

    /** Different captions for images with these; those of the images themselves may be among them. */
    List<Caption> draw(List<Caption> own, Random random) {
        if (captions.isEmpty()) {
            return List.of();
        }
        HashSet<Integer> drawn = new HashSet<>();
        List<Caption> rivals = new ArrayList<>();
        for (Caption caption : own) {
            int place = places.getOrDefault(caption.text(), random.nextInt(captions.size()));
            for (int i = 0; i < perImage; i++) {
                int near = place - NEAR + random.nextInt(2 * NEAR + 1);
                int rival = i % 2 == 0 && near >= 0 && near < captions.size() ? near : random.nextInt(captions.size());
                if (drawn.add(rival)) {
                    rivals.add(captions.get(rival));
                }
            }
        }
        return rivals;
    }
}
