package io.scanline.trainer.export;

import ai.onnxruntime.OrtException;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.Conditioning;
import io.scanline.bundle.v1.Dataset;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Metric;
import io.scanline.bundle.v1.Provenance;
import io.scanline.contract.CpuKind;
import io.scanline.trainer.data.ImageSet;
import io.scanline.trainer.data.Sha256;
import io.scanline.trainer.evaluation.CountedFloor;
import io.scanline.trainer.evaluation.Likelihood;
import io.scanline.trainer.models.AutoregressiveNetwork;
import io.scanline.trainer.training.Parameters;
import io.scanline.trainer.training.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/**
 * Writes a trained network as a bundle, after checking that what is written computes what was trained.
 *
 * @param source the recipe and its text
 * @param network the recipe's network
 * @param parameters the trained parameters
 * @param training quantised training images, for the counted floor
 * @param test quantised test images
 * @param dataset the data set they come from
 * @param steps optimiser steps taken
 * @param minutes wall-clock minutes of training
 */
public record BundleExporter(
        Recipe.Source source,
        AutoregressiveNetwork network,
        Parameters parameters,
        ImageSet training,
        ImageSet test,
        Dataset dataset,
        int steps,
        double minutes) {
    private static final int PARITY_IMAGES = 3;
    private static final int SHEET_COLUMNS = 10;
    private static final long SHEET_SEED = 1;

    /**
     * Exports into DIR/NAME/VERSION, replacing what is there as a whole.
     *
     * @param models directory of models
     * @param threads that evaluate
     * @param report told in words what was found
     * @param evaluated told how many test images have been evaluated
     * @return the bundle's directory
     */
    public Path export(Path models, int threads, Consumer<String> report, IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        Recipe recipe = source.recipe();
        Parameters rounded = parameters.rounded();
        StoredBundle cached = described(StepGraph.bundle(network, rounded.values()));
        byte[] full = StepGraph.full(network, rounded.values()).toByteArray();
        for (int n = 0; n < PARITY_IMAGES; n++) {
            ParityCheck.Differences differences = ParityCheck.DEFAULT.check(
                    network, rounded, full, cached, test.image(n), test.labels()[n]);
            report.accept(differences.text());
        }
        Path target = models.resolve(recipe.name()).resolve(recipe.version());
        Path partial = Files.createTempDirectory(Files.createDirectories(target.getParent()), ".export");
        try {
            write(cached, partial, threads, report, evaluated);
            replace(partial, target);
        } finally {
            delete(partial); // there only when something failed
        }
        return target;
    }

    private void write(
            StoredBundle described,
            Path directory,
            int threads,
            Consumer<String> report,
            IntConsumer evaluated)
            throws IOException, OrtException, InterruptedException {
        for (Map.Entry<String, byte[]> graph : described.graphs().entrySet()) {
            Files.write(directory.resolve(graph.getKey()), graph.getValue());
        }
        Likelihood likelihood = new ExactLikelihood(described).of(test, threads, evaluated);
        CountedFloor floor = CountedFloor.lowest(training, test);
        report.accept(String.format(
                Locale.ROOT,
                "test set: %.4f bits/dim (%.2f nats/image); %s gives %.4f bits/dim",
                likelihood.bitsPerDim(),
                likelihood.natsPerImage(),
                floor.name(),
                floor.likelihood().bitsPerDim()));
        new SampleGrid(described)
                .write(
                        SHEET_COLUMNS,
                        SHEET_SEED,
                        described.bundle().getRecommendedTemperature(),
                        directory.resolve("preview.png"));
        Bundle measured = described.bundle().toBuilder()
                .addAllMetrics(metrics(described.bundle(), likelihood, floor))
                .addAllGoldenSamples(GoldenSamples.write(described, directory))
                .build();
        Bundle listed = measured.toBuilder().addAllFiles(files(directory)).build();
        Files.writeString(directory.resolve(StoredBundle.DESCRIPTION), JsonFormat.printer().print(listed) + "\n");
    }

    /** The bundle of a network that can draw, with everything that need not be measured. */
    private StoredBundle described(StoredBundle drawing) {
        Recipe recipe = source.recipe();
        Bundle.Builder bundle = drawing.bundle().toBuilder()
                .setFormat(1)
                .setName(recipe.name())
                .setVersion(recipe.version())
                .setFamily(recipe.family())
                .setParameters(network.size())
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
        if (network.shape().hasClasses()) {
            bundle.setConditioning(Conditioning.newBuilder().addAllClassNames(test.classNames()));
        }
        return new StoredBundle(bundle.build(), drawing.graphs());
    }

    private List<Metric> metrics(Bundle bundle, Likelihood likelihood, CountedFloor floor) {
        String protocol = "%s test set, %d images, %d levels, exact likelihood%s, %s, %s"
                .formatted(
                        dataset.getName(),
                        likelihood.images(),
                        network.shape().levels(),
                        bundle.hasConditioning() ? " given the class" : "",
                        ExactLikelihood.method(bundle),
                        CpuKind.current());
        String counted = "%s test set, %d images, %d levels, count table: %s"
                .formatted(dataset.getName(), likelihood.images(), network.shape().levels(), floor.name());
        return List.of(
                metric("bits_per_dim", likelihood.bitsPerDim(), "bits/dim", protocol),
                metric("negative_log_likelihood", likelihood.natsPerImage(), "nats/image", protocol),
                metric("counted_floor", floor.likelihood().bitsPerDim(), "bits/dim", counted));
    }

    private static Metric metric(String name, double value, String unit, String protocol) {
        return Metric.newBuilder()
                .setName(name)
                .setValue(value)
                .setUnit(unit)
                .setProtocol(protocol)
                .build();
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
        Files.setPosixFilePermissions(
                partial, PosixFilePermissions.fromString("rwxr-xr-x"));
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
