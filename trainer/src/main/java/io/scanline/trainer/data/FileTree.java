package io.scanline.trainer.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Files below a directory or in a zip archive, of which nothing is unpacked to disk, or one file alone. */
interface FileTree extends Closeable {
    /** Largest file that is read, in bytes. */
    int MAX_FILE_BYTES = 1 << 27;

    /** Paths of the files, relative to the top, with slashes, in the order of their characters; hidden ones left out. */
    List<String> paths() throws IOException;

    /**
     * Content of a file.
     *
     * @throws IOException when it cannot be read or is larger than {@link #MAX_FILE_BYTES}
     */
    byte[] read(String path) throws IOException;

    /** A directory. Links to files are followed, links to directories are not. */
    record Directory(Path top) implements FileTree {
        @Override
        public List<String> paths() throws IOException {
            try (Stream<Path> files = Files.walk(top)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> top.relativize(file).toString().replace('\\', '/'))
                        .filter(path -> !hidden(path))
                        .sorted()
                        .toList();
            } catch (UncheckedIOException unreadable) {
                throw unreadable.getCause();
            }
        }

        @Override
        public byte[] read(String path) throws IOException {
            try (InputStream in = Files.newInputStream(top.resolve(path))) {
                return bounded(in);
            }
        }

        @Override
        public void close() {}
    }

    /** One file by itself. */
    record Single(Path file) implements FileTree {
        @Override
        public List<String> paths() {
            return List.of(file.getFileName().toString());
        }

        @Override
        public byte[] read(String path) throws IOException {
            try (InputStream in = Files.newInputStream(file)) {
                return bounded(in);
            }
        }

        @Override
        public void close() {}
    }

    /** A zip archive. */
    record Archive(ZipFile zip) implements FileTree {
        @Override
        public List<String> paths() {
            return zip.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(ZipEntry::getName)
                    .distinct()
                    .filter(path -> !hidden(path))
                    .sorted()
                    .toList();
        }

        @Override
        public byte[] read(String path) throws IOException {
            if (path.startsWith("/") || Arrays.asList(path.split("[/\\\\]")).contains("..")) {
                throw new IOException("its name leads out of the archive");
            }
            ZipEntry entry = zip.getEntry(path);
            if (entry == null) {
                throw new IOException("not in the archive " + zip.getName());
            }
            try (InputStream in = zip.getInputStream(entry)) {
                return bounded(in);
            }
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }

    /** Opens a zip archive; its errors name the file. */
    static FileTree archive(Path file) throws IOException {
        try {
            return new Archive(new ZipFile(file.toFile()));
        } catch (ZipException broken) {
            throw new IOException(file + ": broken zip archive: " + broken.getMessage(), broken);
        }
    }

    /** Files that systems leave beside images, such as .DS_Store and __MACOSX/._name. */
    private static boolean hidden(String path) {
        return Arrays.stream(path.split("/")).anyMatch(part ->
                part.startsWith(".") && !part.equals("..") || part.equals("__MACOSX"));
    }

    private static byte[] bounded(InputStream in) throws IOException {
        byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
        if (content.length > MAX_FILE_BYTES) {
            throw new IOException("larger than " + (MAX_FILE_BYTES >> 20) + " MiB");
        }
        return content;
    }
}
