package io.scanline.trainer.data;

import java.io.IOException;
import java.nio.file.Path;

/** A public data set that a recipe can name. */
public interface DataSet {
    /** Short name, used in recipes. */
    String name();

    /** Name of its folder in a directory of several data sets. */
    default String folder() {
        return name();
    }

    /** SPDX expression. */
    String licence();

    /** Who made it and where it is described. */
    String credit();

    /**
     * Loads its files from a directory.
     *
     * @return 8-bit images
     * @throws IOException when a file is missing or not what it should be
     */
    TrainTest load(Path directory) throws IOException;

    /**
     * Loads its files from its folder in a cache directory, and fetches those that are missing.
     *
     * @param cache directory for all data sets
     * @return 8-bit images
     * @throws IOException when a file cannot be fetched or is not what it should be, or the data set is not offered for
     *     download
     */
    TrainTest download(Path cache, DownloadListener listener) throws IOException, InterruptedException;
}
