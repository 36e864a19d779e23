package io.scanline.trainer.data;

import io.scanline.trainer.data.EmojiDataSet.Drawing;
import io.scanline.trainer.data.EmojiDataSet.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Emoji with their names. Training images are all drawings of the training concepts, skin tones among them; test images
 * one drawing of every other concept, of the first of the styles that has it, and without a skin tone.
 *
 * @param emoji the data set
 * @param unseen a style that is in neither: one drawing of every training concept that it has, without a skin tone, is a
 *     set by itself
 */
public record EmojiCaptions(EmojiDataSet emoji, Optional<EmojiStyle> unseen) {
    /**
     * For a recipe.
     *
     * @param style name of the style to hold out, or null
     * @throws IllegalArgumentException when there is no such style; the message lists the names
     */
    public static EmojiCaptions of(EmojiDataSet emoji, String style) {
        return of(emoji, style, null);
    }

    /**
     * The same with some of the styles.
     *
     * @param styles names of those whose drawings are learned and tested with, or null for all that the data set has
     */
    public static EmojiCaptions of(EmojiDataSet emoji, String style, List<String> styles) {
        Optional<EmojiStyle> unseen = Optional.ofNullable(style).map(EmojiCaptions::named);
        List<EmojiStyle> chosen = styles == null ? emoji.styles() : styles.stream().map(EmojiCaptions::named).toList();
        return new EmojiCaptions(new EmojiDataSet(emoji.name(), chosen), unseen);
    }

    private static EmojiStyle named(String name) {
        return Arrays.stream(EmojiStyle.values())
                .filter(each -> each.folder().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no style " + name + "; there are "
                        + Arrays.stream(EmojiStyle.values())
                                .map(EmojiStyle::folder)
                                .collect(Collectors.joining(", "))));
    }

    /**
     * Loads the files of a directory.
     *
     * @throws IOException when a file is missing or not what it should be
     */
    public CaptionedImages load(Path directory) throws IOException {
        List<Drawing> drawings = EmojiDataSet.drawings(directory);
        Map<Caption, Integer> labels = new LinkedHashMap<>();
        Part training = new Part();
        Part test = new Part();
        Set<String> learned = new HashSet<>();
        Set<String> tested = new HashSet<>();
        for (EmojiStyle style : emoji.styles()) {
            if (unseen.filter(style::equals).isEmpty()) {
                EmojiDataSet.read(directory, style, drawings, (drawing, picture) -> {
                    if (drawing.training()) {
                        learned.add(drawing.concept());
                        training.add(picture, label(labels, drawing, style));
                    } else if (plain(drawing) && tested.add(drawing.concept())) {
                        test.add(picture, label(labels, drawing, style));
                    }
                });
            }
        }
        Part held = new Part();
        if (unseen.isPresent()) {
            Set<String> shown = new HashSet<>();
            EmojiDataSet.read(directory, unseen.get(), drawings, (drawing, picture) -> {
                if (learned.contains(drawing.concept()) && plain(drawing) && shown.add(drawing.concept())) {
                    held.add(picture, label(labels, drawing, unseen.get()));
                }
            });
        }
        List<Caption> captions = new ArrayList<>(labels.keySet());
        List<String> names = captions.stream().map(Caption::text).toList();
        return new CaptionedImages(
                new TrainTest(training.images(names), test.images(names)),
                unseen.isPresent() ? Optional.of(held.images(names)) : Optional.empty(),
                captions);
    }

    private static boolean plain(Drawing drawing) {
        return drawing.caption().equals(drawing.concept());
    }

    private static int label(Map<Caption, Integer> labels, Drawing drawing, EmojiStyle style) {
        Caption caption = new Caption(
                List.of(drawing.caption()),
                drawing.keywords(),
                style.name().toLowerCase(Locale.ROOT),
                drawing.concept());
        return labels.computeIfAbsent(caption, added -> labels.size());
    }
}
