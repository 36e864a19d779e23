package io.scanline.trainer.cli;

import io.scanline.bundle.v1.Dataset;
import io.scanline.trainer.data.CaptionedImages;
import io.scanline.trainer.data.CaptionedShapes;
import io.scanline.trainer.data.DataSet;
import io.scanline.trainer.data.DataSets;
import io.scanline.trainer.data.EmojiCaptions;
import io.scanline.trainer.data.EmojiDataSet;
import io.scanline.trainer.data.IdxDataSet;
import io.scanline.trainer.data.OwnImages;
import io.scanline.trainer.data.SyntheticShapes;
import io.scanline.trainer.data.TrainTest;
import io.scanline.trainer.report.DownloadProgress;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where images come from. */
final class DataOptions {
    private static final String SHAPES = "shapes";
    private static final int SHAPES_EDGE = 8;
    private static final int DEFAULT_SIZE = 32;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description = "Directory with the files of the data set, or with a folder of its name that has them."
                    + " Default: they are downloaded once and kept in ~/.cache/scanline. With --size: your own images.")
    private Path path;

    @Option(
            names = "--size",
            paramLabel = "N",
            description = "Use your own images in place of the recipe's data set: --data names a directory or a zip"
                    + " archive of PNG, JPEG, GIF or BMP files, or an idx file, and each becomes N x N pixels. Folders"
                    + " are classes. What a training began with is kept with its run and its bundle. Default: 32.")
    private Integer size;

    /** The name of the data set in use: "images" when the options name a user's own, or else the recipe's. */
    String dataset(String recipes) {
        return size == null ? recipes : OwnImages.NAME;
    }

    /** The recipe for the data set in use; of a user's own images it keeps the size, so that later commands know it. */
    Recipe.Source applied(Recipe.Source source) throws IOException {
        checkArguments();
        Recipe recipe = source.recipe();
        return dataset(recipe.dataset()).equals(OwnImages.NAME) ? source.withOwnImages(edge(recipe.size())) : source;
    }

    /** The images of a recipe as levels that do not change: for counting, test and export. */
    TrainTest load(Recipe recipe) throws IOException, InterruptedException {
        return recipe.discretiser().fixed(intensities(recipe));
    }

    /** The images of a recipe with 8-bit intensities, of which a training draws its levels. */
    TrainTest intensities(Recipe recipe) throws IOException, InterruptedException {
        return recipe.captions() == null ? intensities(recipe.dataset(), recipe.size()) : captioned(recipe).images();
    }

    /**
     * The images of a recipe of captions, with 8-bit intensities.
     *
     * @throws IOException also when the data set has no captions
     */
    CaptionedImages captioned(Recipe recipe) throws IOException {
        checkArguments();
        String dataset = dataset(recipe.dataset());
        if (dataset.equals(CaptionedShapes.NAME)) {
            Integer drawings = recipe.captions().drawings();
            return (drawings == null ? CaptionedShapes.DATA_SET : CaptionedShapes.DATA_SET.drawn(drawings)).draw();
        }
        if (dataset.equals(OwnImages.NAME)
                || dataset.equals(SHAPES)
                || !(DataSets.named(dataset) instanceof EmojiDataSet emoji)) {
            throw new IOException("the data set " + dataset + " has no captions, which a " + recipe.family() + " needs");
        }
        if (path == null) {
            throw new IOException("the data set " + dataset
                    + " is not offered for download: give the directory that holds its files with --data");
        }
        try {
            Recipe.Captions captions = recipe.captions();
            return EmojiCaptions.of(emoji, captions.unseenStyle(), captions.styles()).load(folder(emoji));
        } catch (IllegalArgumentException unknown) {
            throw new IOException("captions: " + unknown.getMessage(), unknown);
        }
    }

    /** The directory of the files of a data set: its folder in the given one, or that itself. */
    private Path folder(DataSet files) {
        Path folder = path.resolve(files.folder());
        return Files.isDirectory(folder) ? folder : path;
    }

    /** Grey behind transparent places of pictures, as it is in the images of a data set. */
    static int background(String dataset) {
        boolean dark = dataset.equals(SHAPES)
                || DataSets.all().stream().anyMatch(set -> set.name().equals(dataset) && set instanceof IdxDataSet);
        return dark ? 0 : 255;
    }

    /**
     * The images of a data set with 8-bit intensities.
     *
     * @param dataset "shapes", "images", or the name of one of {@link DataSets}
     * @param recipes the size of a user's own images by the recipe, or null
     */
    TrainTest intensities(String dataset, Integer recipes) throws IOException, InterruptedException {
        checkArguments();
        if (dataset(dataset).equals(OwnImages.NAME)) {
            return own(edge(recipes));
        }
        if (dataset.equals(SHAPES)) {
            return new SyntheticShapes(SHAPES_EDGE, SHAPES_EDGE).dataSet();
        }
        if (dataset.equals(CaptionedShapes.NAME)) {
            return CaptionedShapes.DATA_SET.draw().images();
        }
        DataSet files = DataSets.named(dataset);
        if (path != null) {
            return files.load(folder(files));
        }
        try (DownloadProgress progress = new DownloadProgress()) {
            return files.download(cache(), progress);
        }
    }

    private void checkArguments() {
        if (size != null && !OwnImages.sizeIsAllowed(size)) {
            throw new ParameterException(command.commandLine(),
                    "--size " + size + " is not from " + OwnImages.SMALLEST_SIZE + " to " + OwnImages.LARGEST_SIZE);
        }
        if (size != null && path == null) {
            throw new ParameterException(
                    command.commandLine(), "--size is for your own images: name them with --data");
        }
    }

    /** The edge that a user's own images are brought to. */
    private int edge(Integer recipes) {
        int otherwise = recipes == null ? DEFAULT_SIZE : recipes;
        return size == null ? otherwise : size;
    }

    private TrainTest own(int edge) throws IOException {
        if (path == null) {
            throw new ParameterException(command.commandLine(), "your own images are needed: name them with --data");
        }
        return new OwnImages(path, edge).load(command.commandLine().getErr()::println);
    }

    private static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path root = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
        return root.resolve("scanline");
    }

    /** How a bundle names a data set. */
    static Dataset describe(String dataset) {
        Dataset.Builder description = Dataset.newBuilder().setName(dataset);
        if (dataset.equals(SHAPES) || dataset.equals(CaptionedShapes.NAME)) {
            return description.setLicence("CC0-1.0").setSource("drawn by the trainer").build();
        }
        if (dataset.equals(OwnImages.NAME)) {
            return description.setLicence("NOASSERTION").setSource("the user's own images").build();
        }
        DataSet files = DataSets.named(dataset);
        return description.setLicence(files.licence()).setSource(files.credit()).build();
    }
}
