package io.scanline.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /**
     * A line of the file list.
     *
     * @param training on which side of the split it is
     */
    record Drawing(
            String file, boolean training, String caption, String concept, String group, List<String> keywords) {
        /** In which style. */
        boolean in(EmojiStyle style) {
            return file.startsWith(style.folder() + "/");
        }
    }

    /** Takes drawings as they are read. */
    @FunctionalInterface
    interface Reader {
        /** The next drawing. */
        void take(Drawing drawing, SquarePicture picture);
    }

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
        List<Drawing> drawings = drawings(directory);
        List<String> groups = drawings.stream().map(Drawing::group).distinct().sorted().toList();
        Part training = new Part();
        Part test = new Part();
        for (EmojiStyle style : styles) {
            read(directory, style, drawings, (drawing, picture) -> (drawing.training() ? training : test)
                    .add(picture, groups.indexOf(drawing.group())));
        }
        return new TrainTest(training.images(groups), test.images(groups));
    }

    /** Pictures that make a set of images. */
    static final class Part {
        private final List<SquarePicture> pictures = new ArrayList<>();
        private final List<Integer> labels = new ArrayList<>();

        void add(SquarePicture picture, int label) {
            pictures.add(picture);
            labels.add(label);
        }

        ImageSet images(List<String> classNames) throws IOException {
            return PictureChannels.RGBA.set(pictures, EDGE, labels, classNames);
        }
    }

    /** Reads the drawings of a style, in the order of the list. */
    static void read(Path directory, EmojiStyle style, List<Drawing> drawings, Reader reader) throws IOException {
        try (FileTree archive = FileTree.archive(directory.resolve(style.folder() + ".zip"))) {
            for (Drawing drawing : drawings) {
                if (drawing.in(style)) {
                    reader.take(drawing, picture(archive, drawing.file()));
                }
            }
        }
    }

    private static SquarePicture picture(FileTree archive, String file) throws IOException {
        try {
            return PictureDecoder.square(archive.read(file), EDGE);
        } catch (IOException broken) {
            throw new IOException(file + ": " + broken.getMessage(), broken);
        }
    }

    /** The file list. */
    static List<Drawing> drawings(Path directory) throws IOException {
        Path list = directory.resolve(LIST);
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
            if (!List.of(TRAINING, TEST).contains(fields[1])) {
                throw new IOException(place + "the split is " + fields[1] + ", want " + TRAINING + " or " + TEST);
            }
            // A concept on both sides would let a model be tested on what it learned.
            String earlier = splits.putIfAbsent(fields[3], fields[1]);
            if (earlier != null && !earlier.equals(fields[1])) {
                throw new IOException(place + "the concept " + fields[3] + " is on both sides of the split");
            }
            List<String> keywords = Stream.of(fields[5].split(","))
                    .map(String::strip)
                    .filter(word -> !word.isEmpty())
                    .toList();
            drawings.add(new Drawing(
                    fields[0], fields[1].equals(TRAINING), fields[2], fields[3], fields[4], keywords));
        }
        return drawings;
    }
}
