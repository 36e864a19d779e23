package io.scanline.server.engine;

import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The test bundles, and copies of them to be damaged. Where no name is given, the one with a KV cache is meant. */
public final class TinyBundle {
    /** Its name. */
    public static final String NAME = "tiny";

    /** Memories read so many steps back. */
    public static final String RING = "tiny-ring";
    /** A memory read by place and one read by steps; three channels and no classes. */
    public static final String ROWS = "tiny-rows";
    /** A row graph that reads a memory, and recurrent tensors in both graphs. */
    public static final String ROW_GRAPH = "tiny-row-graph";

    /** Memories read by place: a PixelCNN that can be guessed for; 7 x 5 values of 4 levels, three classes. */
    public static final String NEIGHBOURS = "tiny-neighbours";

    /** A row graph beside memories that can be guessed for: a Gated PixelCNN; 7 x 5 values of 4 levels, no classes. */
    public static final String ROW_WINDOW = "tiny-row-window";

    /** A prior over codes: 4 x 3 codes of 16 by a row graph with a memory, images of 6 x 8 RGB, three classes. */
    public static final String PRIOR = "tiny-prior";

    /** Draws what a text says: 8 x 8 values of 4 levels, a KV cache, texts of eight ids. */
    public static final String TEXT = "tiny-text";

    /** A prior over the codes of the other one that draws what a text says, with a KV cache; recommends guidance 3. */
    public static final String TEXT_PRIOR = "tiny-text-prior";

    /** The one with a KV cache, whose step is there in int8 as well. */
    public static final String INT8 = "tiny-int8";

    /** A KV cache of which one layer sees a window; 12 x 12 values of 4 levels, two classes, in int8 as well. */
    public static final String WINDOWS = "tiny-windows";

    /** Attention to neighbours, whose windows have a dimension for slots; 8 x 8 values of 4 levels, three classes. */
    public static final String NEARBY = "tiny-nearby";

    /** The prior that draws what a text says, whose step is there in int8 as well. */
    public static final String TEXT_PRIOR_INT8 = "tiny-text-prior-int8";

    private TinyBundle() {}

    /** The repository that it is in. */
    public static Path repository() {
        try {
            return Path.of(TinyBundle.class.getResource("/models").toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Names of all of them. */
    public static List<String> names() {
        try (Stream<Path> bundles = Files.list(repository())) {
            return bundles.map(bundle -> bundle.getFileName().toString()).sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Its directory. */
    public static Path directory() {
        return directory(NAME);
    }

    private static Path directory(String name) {
        return repository().resolve(name).resolve("1");
    }

    /** Reads it as the server does. */
    public static VerifiedBundle verified() {
        return verified(NAME);
    }

    /** Reads one of them as the server does. */
    public static VerifiedBundle verified(String name) {
        try {
            return BundleReader.read(directory(name), 256L << 20);
        } catch (EngineException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** Copies it into another repository under another name. */
    static Path copy(Path repository, String name) throws IOException {
        return copyOf(NAME, repository, name);
    }

    /** Copies another test bundle into another repository under another name. */
    public static Path copyOf(String model, Path repository, String name) throws IOException {
        Path source = repository().resolve(model).resolve("1");
        Path target = repository.resolve(name).resolve("1");
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path to = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(file, to);
                }
            }
        }
        edit(target, bundle -> bundle.setName(name));
        return target;
    }

    /** Rewrites the description. */
    static void edit(Path directory, Consumer<Bundle.Builder> change) throws IOException {
        Path json = directory.resolve("bundle.json");
        Bundle.Builder bundle = Bundle.newBuilder();
        JsonFormat.parser().merge(Files.readString(json), bundle);
        change.accept(bundle);
        Files.writeString(json, JsonFormat.printer().print(bundle));
    }

    /** Lists a changed file as it is now, as a forger would. */
    static void relist(Path directory, String path) throws IOException {
        edit(directory, bundle -> {
            for (File.Builder file : bundle.getFilesBuilderList()) {
                if (file.getPath().equals(path)) {
                    byte[] bytes = bytes(directory.resolve(path));
                    file.setBytes(bytes.length).setSha256(Sha256.hex(bytes));
                }
            }
        });
    }

    /** Paths of its listed files. */
    static List<String> listed() {
        return verified().bundle().getFilesList().stream().map(File::getPath).toList();
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
