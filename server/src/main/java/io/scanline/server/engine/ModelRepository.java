package io.scanline.server.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the bundles of a model repository, DIRECTORY/NAME/VERSION. */
final class ModelRepository {
    private static final Logger log = LoggerFactory.getLogger(ModelRepository.class);

    private ModelRepository() {}

    /** Where a bundle is; whether it is one is not known yet. */
    record Location(String name, String version, Path directory) {
        /** As NAME/VERSION. */
        String model() {
            return name + "/" + version;
        }

        /** Version as a number. */
        long number() {
            return Long.parseLong(version);
        }
    }

    /**
     * All version directories, by name and then by version number. Other directories are named in the log and left out:
     * a version that is still being copied belongs under another name until it is complete.
     *
     * @throws UncheckedIOException when the repository is not a directory that can be listed
     */
    static List<Location> locations(Path repository) {
        List<Location> found = new ArrayList<>();
        for (Path model : subdirectories(repository, BundleDescription.NAME)) {
            for (Path version : subdirectories(model, BundleDescription.VERSION)) {
                found.add(new Location(
                        model.getFileName().toString(), version.getFileName().toString(), version));
            }
        }
        found.sort(Comparator.comparing(Location::name).thenComparingLong(Location::number));
        return found;
    }

    private static List<Path> subdirectories(Path directory, Pattern names) {
        try (Stream<Path> entries = Files.list(directory)) {
            List<Path> matching = new ArrayList<>();
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (!Files.isDirectory(entry)) {
                    continue;
                }
                if (names.matcher(entry.getFileName().toString()).matches()) {
                    matching.add(entry);
                } else {
                    log.warn("Left out {}: not named {}", entry, names.pattern());
                }
            }
            return matching;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
