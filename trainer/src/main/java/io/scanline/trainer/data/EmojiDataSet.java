package io.scanline.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Emoji in four drawing styles, 32 x 32 pixels with straight alpha. A class is a group of Unicode, such as "Food &
 * Drink". The directory holds {@code captions.tsv} with the columns file, split, caption, concept, group and keywords,
 * and an archive of PNG files for every style.
 *
 * <p>The split is that of the file, by concept: all drawings of a concept, in every style and skin tone, are on one
 * side, and what the file calls validation is the test set. Everything is decoded anew at every start and kept in memory
 * only.
 *
 * @param name short name, used in recipes
 * @param styles whose drawings
 */
public record EmojiDataSet(String name, List<EmojiStyle> styles) implements DataSet {
    /** Edge of an image, in pixels. */
    public static final int EDGE = 32;
    /** All styles together, and each by itself, e.g. "emoji-noto". */
    public static final List<EmojiDataSet> DATA_SETS = dataSets();

    private static final String LIST = "captions.tsv";
    private static final List<String> COLUMNS = List.of("file", "split", "caption", "concept", "group", "keywords");
    private static final String TRAINING = "train";
    private static final String TEST = "validation";

    private record Drawing(String file, String split, String concept, String group) {}

    private static List<EmojiDataSet> dataSets() {
        List<EmojiDataSet> all = new ArrayList<>();
        all.add(new EmojiDataSet("emoji", List.of(EmojiStyle.values())));
        for (EmojiStyle style : EmojiStyle.values()) {
            all.add(new EmojiDataSet("emoji-" + style.folder(), List.of(style)));
        }
        return List.copyOf(all);
    }

    @Override
    public String folder() {
        return "emoji";
    }

    @Override
    public String licence() {
        return styles.stream().map(EmojiStyle::licence).distinct().collect(Collectors.joining(" AND "));
    }

    @Override
    public String credit() {
        return styles.stream().map(EmojiStyle::credit).collect(Collectors.joining(", "))
                + "; groups of Unicode by unicode-emoji-json (MIT)";
    }

    @Override
    public TrainTest download(Path cache, DownloadListener listener) throws IOException {
        throw new IOException("the data set " + name
                + " is not offered for download: give the directory that holds its files with --data");
    }

    @Override
    public TrainTest load(Path directory) throws IOException {
        List<Drawing> drawings = drawings(directory.resolve(LIST));
        List<String> groups = drawings.stream().map(Drawing::group).distinct().sorted().toList();
        Part training = new Part();
        Part test = new Part();
        for (EmojiStyle style : styles) {
            try (FileTree archive = FileTree.archive(directory.resolve(style.folder() + ".zip"))) {
                for (Drawing drawing : drawings) {
                    if (drawing.file().startsWith(style.folder() + "/")) {
                        Part part = drawing.split().equals(TRAINING) ? training : test;
                        part.pictures.add(picture(archive, drawing.file()));
                        part.labels.add(groups.indexOf(drawing.group()));
                    }
                }
            }
        }
        return new TrainTest(training.images(groups), test.images(groups));
    }

    /** Pictures of one side of the split. */
    private static final class Part {
        final List<SquarePicture> pictures = new ArrayList<>();
        final List<Integer> labels = new ArrayList<>();

        ImageSet images(List<String> groups) throws IOException {
            return PictureChannels.RGBA.set(pictures, EDGE, labels, groups);
        }
    }

    private static SquarePicture picture(FileTree archive, String file) throws IOException {
        try {
            return PictureDecoder.square(archive.read(file), EDGE);
        } catch (IOException broken) {
            throw new IOException(file + ": " + broken.getMessage(), broken);
        }
    }

    private static List<Drawing> drawings(Path list) throws IOException {
        List<String> lines = Files.readAllLines(list);
        if (lines.isEmpty() || !List.of(lines.get(0).split("\t")).equals(COLUMNS)) {
            throw new IOException(list + ": its first line does not name the columns " + String.join(", ", COLUMNS));
        }
        List<Drawing> drawings = new ArrayList<>();
        Map<String, String> splits = new HashMap<>();
        for (int line = 1; line < lines.size(); line++) {
            String[] fields = lines.get(line).split("\t", -1);
            String place = list + ", line " + (line + 1) + ": ";
            if (fields.length != COLUMNS.size()) {
                throw new IOException(place + fields.length + " columns, want " + COLUMNS.size());
            }
            Drawing drawing = new Drawing(fields[0], fields[1], fields[3], fields[4]);
            if (!List.of(TRAINING, TEST).contains(drawing.split())) {
                throw new IOException(place + "the split is " + drawing.split() + ", want " + TRAINING + " or " + TEST);
            }
            // A concept on both sides would let a model be tested on what it learned.
            String earlier = splits.putIfAbsent(drawing.concept(), drawing.split());
            if (earlier != null && !earlier.equals(drawing.split())) {
                throw new IOException(place + "the concept " + drawing.concept() + " is on both sides of the split");
            }
            drawings.add(drawing);
        }
        return drawings;
    }
}
