package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.DataSets;
import io.scanline.trainer.data.IdxDataSet;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.report.DownloadProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where images come from. */
final class DataOptions {
    private static final String SHAPES = "shapes";
    private static final int SHAPES_EDGE = 8;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Directory with the files of the data set, or with a folder of its name that has them."
                    + " Default: they are downloaded once and kept in ~/.cache/scanline.")
    private Path directory;

    /**
     * The images of a data set, quantised.
     *
     * @param dataset "shapes", or the name of one of {@link DataSets}
     */
    TrainTest load(String dataset, int levels) throws IOException, InterruptedException {
        TrainTest images = read(dataset);
        Quantiser quantiser = new Quantiser(levels);
        return new TrainTest(quantiser.quantise(images.training()), quantiser.quantise(images.test()));
    }

    private TrainTest read(String dataset) throws IOException, InterruptedException {
        if (dataset.equals(SHAPES)) {
            return new SyntheticShapes(SHAPES_EDGE, SHAPES_EDGE).dataSet();
        }
        IdxDataSet files = DataSets.named(dataset);
        if (directory != null) {
            Path folder = directory.resolve(files.name());
            return files.load(Files.isDirectory(folder) ? folder : directory);
        }
        try (DownloadProgress progress = new DownloadProgress()) {
            return files.download(cache(), progress);
        }
    }

    private static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path root = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return root.resolve("scanline");
    }

    /** How a bundle names a data set. */
    static Dataset describe(String dataset) {
        Dataset.Builder description = Dataset.newBuilder().setName(dataset);
        if (dataset.equals(SHAPES)) {
            return description.setLicence("CC0-1.0").setSource("drawn by the trainer").build();
        }
        IdxDataSet files = DataSets.named(dataset);
        return description.setLicence(files.licence()).setSource(files.credit()).build();
    }
}
