package io.scanline.trainer.data;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A public data set of grey images in four idx files.
 *
 * @param name short name, used in recipes and as name of its cache directory
 * @param licence SPDX identifier
 * @param credit who made it and where it is described
 * @param classNames name of every class, by label
 * @param addresses addresses of directories that hold the files, best first; each ends with a slash
 * @param training files of the training images
 * @param test files of the test images
 */
public record IdxDataSet(
        String name,
        String licence,
        String credit,
        List<String> classNames,
        List<URI> addresses,
        Pair training,
        Pair test)
        implements DataSet {
    /** Images and labels that belong together. */
    public record Pair(IdxFile images, IdxFile labels) {}

    /**
     * One file. It has two digests because copies differ in how they were compressed.
     *
     * @param name its name, ending with .gz
     * @param bytes size of the published gzip file
     * @param sha256 digest of the published gzip file
     * @param contentSha256 digest of the uncompressed file
     */
    public record IdxFile(String name, long bytes, String sha256, String contentSha256) {}

    /** How a file is found by its description. */
    @FunctionalInterface
    private interface Finder {
        Path find(IdxFile file) throws IOException, InterruptedException;
    }

    /**
     * Loads the files of a directory; each may also lie there uncompressed, without .gz.
     *
     * @throws IOException when a file is missing or its content is not the published one
     */
    @Override
    public TrainTest load(Path directory) throws IOException {
        try {
            return load(file -> local(directory, file));
        } catch (InterruptedException nothingWaits) {
            throw new AssertionError(nothingWaits);
        }
    }

    /**
     * Loads the files from the folder of this data set in a cache directory, and fetches those that are missing.
     *
     * @param cache directory for all data sets; the files of this one lie in its folder of this name
     * @throws IOException when a file cannot be fetched or its content is not the published one
     */
    @Override
    public TrainTest download(Path cache, DownloadListener listener) throws IOException, InterruptedException {
        Download download = new Download(cache.resolve(name), listener);
        return load(file -> download.fetch(new RemoteFile(
                file.name(),
                file.bytes(),
                file.sha256(),
                addresses.stream().map(address -> address.resolve(file.name())).toList())));
    }

    private TrainTest load(Finder finder) throws IOException, InterruptedException {
        return new TrainTest(images(finder, training), images(finder, test));
    }

    private static Path local(Path directory, IdxFile file) throws IOException {
        Path compressed = directory.resolve(file.name());
        Path plain = directory.resolve(file.name().replaceFirst("\\.gz$", ""));
        if (Files.exists(compressed)) {
            return compressed;
        }
        if (Files.exists(plain)) {
            return plain;
        }
        throw new NoSuchFileException(
                compressed.toString(), null, "neither it nor " + plain.getFileName() + " is there");
    }

    private ImageSet images(Finder finder, Pair pair) throws IOException, InterruptedException {
        IdxArray images = read(finder, pair.images(), 3);
        IdxArray labels = read(finder, pair.labels(), 1);
        if (images.shape()[0] != labels.shape()[0]) {
            throw new IOException(pair.images().name() + " has " + images.shape()[0] + " images, "
                    + pair.labels().name() + " " + labels.shape()[0] + " labels");
        }
        int[] classes = new int[labels.data().length];
        Arrays.setAll(classes, i -> labels.data()[i] & 0xFF);
        int largest = Arrays.stream(classes).max().orElseThrow();
        if (largest >= classNames.size()) {
            throw new IOException(
                    pair.labels().name() + " has label " + largest + ", want 0 to " + (classNames.size() - 1));
        }
        return new ImageSet(images.data(), classes, images.shape()[2], images.shape()[1], 1, 256, classNames);
    }

    private static IdxArray read(Finder finder, IdxFile file, int dimensions) throws IOException, InterruptedException {
        Path path = finder.find(file);
        IdxArray array = new IdxReader().read(path);
        if (array.shape().length != dimensions) {
            throw new IOException(path + ": " + array.shape().length + " dimensions, want " + dimensions);
        }
        String content = array.sha256();
        if (!content.equals(file.contentSha256())) {
            throw new IOException(path + ": the content is not the published one: sha256 of the uncompressed file is "
                    + content + ", want " + file.contentSha256());
        }
        return array;
    }
}
