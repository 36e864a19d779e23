package io.scanline.server.engine;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.bundle.v1.Graph;
import io.scanline.bundle.v1.ImageGeometry;
import io.scanline.contract.CpuKind;
import io.scanline.contract.EvenLevels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Completes a description that a person wrote: lists the files with their digests, fills in what follows from the
 * rest, and if there are no golden samples makes one of what the graphs answer here.
 */
public final class BundleSeal {
    private static final String TOOL = "scanline-server check --seal";
    private static final int LEVELS = 256;

    private final Path directory;
    private final EngineConfig config;

    private BundleSeal(Path directory, EngineConfig config) {
        this.directory = directory;
        this.config = config;
    }

    /**
     * Rewrites bundle.json. Golden samples that are there stay, and the graphs must reproduce them as ever.
     *
     * @param directory the bundle's directory, NAME/VERSION
     * @param config limits and threads; its repository is not read
     * @throws EngineException BUNDLE_* with the first fault found; nothing was written then
     * @throws IOException when a file cannot be read or written
     */
    public static void seal(Path directory, EngineConfig config) throws EngineException, IOException {
        new BundleSeal(directory.toAbsolutePath().normalize(), config).seal();
    }

    private void seal() throws EngineException, IOException {
        Bundle described = BundleReader.description(directory, config.maxBundleBytes());
        BundleDescription.require(
                !described.hasPipeline(), "a pipeline has neither files nor golden samples that could be sealed");
        Bundle.Builder bundle = filledIn(described).toBuilder();
        list(bundle);
        if (bundle.getGoldenSamplesCount() == 0) {
            SealedSample sample = SealedSample.of(
                    BundleReader.unproved(bundle.build(), directory, config.maxBundleBytes()), config.threads());
            for (Map.Entry<String, byte[]> file : sample.files().entrySet()) {
                Path path = directory.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            bundle.addGoldenSamples(sample.sample());
            bundle.getProvenanceBuilder().setCpuKind(CpuKind.current());
            list(bundle);
        }
        Path written = directory.resolve(BundleReader.DESCRIPTION + ".new");
        Files.writeString(written, JsonFormat.printer().print(bundle) + "\n");
        Files.move(
                written, directory.resolve(BundleReader.DESCRIPTION), StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
    }

    /** What a person need not write: the version of the format, the names of the directory, 256 even levels, "fp32". */
    private Bundle filledIn(Bundle written) {
        Bundle.Builder bundle = written.toBuilder();
        if (bundle.getFormat() == 0) {
            bundle.setFormat(1);
        }
        if (bundle.getName().isEmpty()) {
            bundle.setName(String.valueOf(directory.getParent().getFileName()));
        }
        if (bundle.getVersion().isEmpty()) {
            bundle.setVersion(String.valueOf(directory.getFileName()));
        }
        ImageGeometry.Builder geometry = bundle.getGeometryBuilder();
        if (geometry.getLevels() == 0) {
            geometry.setLevels(LEVELS);
        }
        int levels = geometry.getLevels();
        if (geometry.getLevelValues().isEmpty() && levels >= 2 && levels <= LEVELS) {
            geometry.setLevelValues(ByteString.copyFrom(new EvenLevels(levels).values()));
        }
        for (Graph.Builder graph : bundle.getGraphsBuilderList()) {
            if (graph.getVariant().isEmpty()) {
                graph.setVariant(BundleDescription.STEP_VARIANT);
            }
        }
        if (bundle.getProvenance().getTool().isEmpty()) {
            bundle.getProvenanceBuilder().setTool(TOOL);
        }
        return bundle.build();
    }

    /** Lists all files of the directory but the description, as they are now; links are none of them. */
    private void list(Bundle.Builder bundle) throws EngineException, IOException {
        bundle.clearFiles();
        long left = config.maxBundleBytes();
        for (Path path : files()) {
            left -= Files.size(path);
            if (left < 0) {
                throw EngineException.of(
                        Reason.BUNDLE_TOO_LARGE,
                        "the files have more bytes than the limit of " + config.maxBundleBytes());
            }
            byte[] bytes = Files.readAllBytes(path);
            String relative = directory.relativize(path).toString().replace(java.io.File.separatorChar, '/');
            bundle.addFiles(File.newBuilder()
                    .setPath(relative)
                    .setBytes(bytes.length)
                    .setSha256(Sha256.hex(bytes)));
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            List<Path> files = new ArrayList<>();
            for (Path path : (Iterable<Path>) all.sorted()::iterator) {
                boolean description = path.getParent().equals(directory)
                        && path.getFileName().toString().startsWith(BundleReader.DESCRIPTION);
                if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) && !description) {
                    files.add(path);
                }
            }
            return files;
        }
    }
}
