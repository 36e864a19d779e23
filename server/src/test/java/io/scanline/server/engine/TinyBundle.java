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

/** The test bundle, and copies of it to be damaged. */
public final class TinyBundle {
    /** Its name. */
    public static final String NAME = "tiny";

    private TinyBundle() {}

    /** The repository that it is in. */
    public static Path repository() {
        try {
            return Path.of(TinyBundle.class.getResource("/models").toURI());
        } catch (URISyntaxException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Names of all bundles of that repository. */
    public static List<String> names() {
        try (Stream<Path> models = Files.list(repository())) {
            return models.map(model -> model.getFileName().toString()).sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** Its directory. */
    public static Path directory() {
        return repository().resolve(NAME).resolve("1");
    }

    /** Reads it as the server does. */
    public static VerifiedBundle verified() {
        try {
            return BundleReader.read(directory(), 256L << 20);
        } catch (EngineException broken) {
            throw new IllegalStateException(broken);
        }
    }

    /** Copies it into another repository under another name. */
    static Path copy(Path repository, String name) throws IOException {
        return copyOf(NAME, repository, name);
    }

    /** Copies another test bundle into another repository under another name. */
    static Path copyOf(String model, Path repository, String name) throws IOException {
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
