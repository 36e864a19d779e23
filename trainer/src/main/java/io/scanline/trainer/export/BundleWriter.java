package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.Provenance;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.Quantiser;
import io.scanline.trainer.data.Sha256;
import io.scanline.trainer.models.ImageNetwork;
import io.scanline.trainer.models.ImageShape;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What bundles of all families have in common: what says how the model was made, and how a directory is written.
 *
 * @param source the recipe and its text
 * @param dataset the data set of the training
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
record BundleWriter(Recipe.Source source, Dataset dataset, int steps, double minutes) {
    /** What is in a bundle. */
    @FunctionalInterface
    interface Contents {
        /** Writes all files but the description into a directory; returns the description but for the list of files. */
        Bundle write(Path directory) throws IOException, OrtException, InterruptedException;
    }

    /** The start of a description. */
    Bundle.Builder describe(ImageNetwork network) {
        Recipe recipe = source.recipe();
        return Bundle.newBuilder()
                .setFormat(1)
                .setName(recipe.name())
                .setVersion(recipe.version())
                .setFamily(recipe.family())
                .setParameters(network.size())
                .setGeometry(geometry(network.shape()))
                .addDatasets(dataset)
                .setRecommendedTemperature(recipe.recommendedTemperature())
                .setProvenance(Provenance.newBuilder()
                        .setRecipe(source.text())
                        .setSeed(recipe.training().seed())
                        .setSteps(steps)
                        .setImages((long) steps * recipe.training().batch())
                        .setCpuKind(CpuKind.current())
                        .setTool("scanline-trainer")
                        .setMinutes(Math.round(minutes * 10) / 10.0));
    }

    /** The images of a network. */
    static ImageGeometry geometry(ImageShape shape) {
        return ImageGeometry.newBuilder()
                .setWidth(shape.width())
                .setHeight(shape.height())
                .setChannels(shape.channels())
                .setLevels(shape.levels())
                .setLevelValues(ByteString.copyFrom(new Quantiser(shape.levels()).levelValues()))
                .build();
    }

    /** A figure. */
    static Metric metric(String name, double value, String unit, String protocol) {
        return Metric.newBuilder()
                .setName(name)
                .setValue(value)
                .setUnit(unit)
                .setProtocol(protocol)
                .build();
    }

    /**
     * Writes DIR/NAME/VERSION, replacing what is there as a whole.
     *
     * @return the bundle's directory
     */
    Path write(Path models, Contents contents) throws IOException, OrtException, InterruptedException {
        Recipe recipe = source.recipe();
        Path target = models.resolve(recipe.name()).resolve(recipe.version());
        replace(target, contents);
        return target;
    }

    /** Writes the directory of a bundle, replacing what is there as a whole. */
    static void replace(Path target, Contents contents) throws IOException, OrtException, InterruptedException {
        Path partial = Files.createTempDirectory(Files.createDirectories(target.getParent()), ".export");
        try {
            Bundle described = contents.write(partial);
            Bundle listed = described.toBuilder().addAllFiles(files(partial)).build();
            Files.writeString(partial.resolve(StoredBundle.DESCRIPTION), JsonFormat.printer().print(listed) + "\n");
            replace(partial, target);
        } finally {
            delete(partial); // there only when something failed
        }
    }

    private static List<File> files(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            List<File> files = new ArrayList<>();
            for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
                files.add(File.newBuilder()
                        .setPath(directory.relativize(path).toString().replace('\\', '/'))
                        .setBytes(Files.size(path))
                        .setSha256(Sha256.of(path))
                        .build());
            }
            return files;
        }
    }

    /** The old bundle steps aside before the new one takes its name, so that no mixture of both ever has it. */
    private static void replace(Path partial, Path target) throws IOException {
        Path old = target.resolveSibling(partial.getFileName() + ".old");
        if (Files.exists(target)) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        delete(old);
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
