package io.scanline.trainer.data;

import io.scanline.contract.PixelRows;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A user's own images: PNG, JPEG, GIF and BMP files in a directory tree or a zip archive, one such file, or an idx file
 * without its labels.
 * They may differ in size, in channels and in format; {@link SquarePicture} makes them squares of one size, and
 * {@link PictureChannels} gives all of them the fewest channels that lose nothing. {@link FolderClasses} names their
 * classes, {@link PathSplit} keeps about a tenth back for testing.
 *
 * @param path the directory or file
 * @param edge columns and rows of the images to make
 */
public record OwnImages(Path path, int edge) {
    /** Name of this data set in recipes and bundles. */
    public static final String NAME = "images";
    /** Least edge. */
    public static final int SMALLEST_SIZE = 4;
    /** Largest edge. */
    public static final int LARGEST_SIZE = 1024;

    private static final String ZIP_MAGIC = "504b";
    private static final List<String> IDX_MAGICS = List.of("0000", "1f8b");

    private record Named(String path, SquarePicture picture) {}

    /** Whether images can be brought to this edge. */
    public static boolean sizeIsAllowed(int edge) {
        return edge >= SMALLEST_SIZE && edge <= LARGEST_SIZE;
    }

    /**
     * Reads the images.
     *
     * @param warnings told in words of every file that is skipped, how many were, and what else a user must know
     * @return 8-bit images of 1, 3 or 4 channels
     * @throws IOException when there is no image
     */
    public TrainTest load(Consumer<String> warnings) throws IOException {
        List<Named> pictures = pictures(warnings);
        if (pictures.isEmpty()) {
            throw new IOException(path + ": no image that can be read");
        }
        List<String> paths = pictures.stream().map(Named::path).toList();
        Set<String> test = PathSplit.of(paths).test();
        if (test.isEmpty()) {
            warnings.accept("there is one image only: it can be learned, but no other is left to test with, so figures"
                    + " are those of the learned image itself and say nothing about others");
            return new TrainTest(set(pictures, name -> true), set(pictures, name -> true));
        }
        return new TrainTest(set(pictures, name -> !test.contains(name)), set(pictures, test::contains));
    }

    /** Those of all the pictures whose path is chosen; channels and classes are those of all. */
    private ImageSet set(List<Named> all, Predicate<String> chosen) throws IOException {
        FolderClasses classes = FolderClasses.of(all.stream().map(Named::path).toList());
        List<SquarePicture> pictures = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            if (chosen.test(all.get(i).path())) {
                pictures.add(all.get(i).picture());
                labels.add(classes.labels().get(i));
            }
        }
        PictureChannels channels = PictureChannels.of(all.stream().map(Named::picture).toList());
        return channels.set(pictures, edge, labels, classes.names());
    }

    private List<Named> pictures(Consumer<String> warnings) throws IOException {
        if (Files.isDirectory(path)) {
            return files(new FileTree.Directory(path), warnings);
        }
        String magic = magic();
        if (IDX_MAGICS.contains(magic)) {
            return idx(new IdxReader().read(path));
        }
        return magic.equals(ZIP_MAGIC)
                ? files(FileTree.archive(path), warnings)
                : files(new FileTree.Single(path), warnings);
    }

    /** The first two bytes in hexadecimal. */
    private String magic() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return HexFormat.of().formatHex(in.readNBytes(2));
        }
    }

    private List<Named> files(FileTree tree, Consumer<String> warnings) throws IOException {
        try (tree) {
            List<String> files = tree.paths();
            List<Named> pictures = new ArrayList<>();
            for (String file : files) {
                try {
                    pictures.add(new Named(file, PictureDecoder.square(tree.read(file), edge)));
                } catch (IOException unusable) {
                    warnings.accept("skipped " + printable(file) + ": " + reason(unusable));
                }
            }
            int skipped = files.size() - pictures.size();
            if (skipped > 0) {
                warnings.accept("skipped " + skipped + " of " + files.size() + " files");
            }
            return pictures;
        }
    }

    private List<Named> idx(IdxArray images) throws IOException {
        int dimensions = images.shape().length;
        int channels = dimensions == 4 ? images.shape()[3] : 1;
        if (dimensions < 3 || channels == 2 || channels > 4) {
            throw new IOException(path + ": an idx file of the shape " + Arrays.toString(images.shape())
                    + ", want images x rows x columns, and 1, 3 or 4 channels after them if there are several");
        }
        List<Named> pictures = new ArrayList<>();
        for (int image = 0; image < images.shape()[0]; image++) {
            PixelRows rows = new IdxPixels(images, image, channels);
            pictures.add(new Named(Integer.toString(image), SquarePicture.of(rows, edge)));
        }
        return pictures;
    }

    private static String reason(IOException unusable) {
        return unusable instanceof FileSystemException
                ? "cannot be read: " + unusable.getClass().getSimpleName()
                : printable(unusable.getMessage());
    }

    /** Names come from elsewhere and must not move the cursor of a terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
