package io.scanline.server.engine;

import io.scanline.bundle.v1.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** Reads files of one bundle directory, none from outside it and none through a link. */
final class BundleFiles {
    private static final int SHOWN_PATH = 100;

    private final Path directory;

    BundleFiles(Path directory) {
        this.directory = directory;
    }

    /** Reads the description, whose size and digest are listed nowhere. */
    byte[] readDescription(String name, long maxBytes) throws EngineException {
        Path file = resolve(name);
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw EngineException.of(Reason.BUNDLE_DESCRIPTION_MISSING, "there is no " + name);
        }
        long found = length(file, name);
        if (found > maxBytes) {
            throw EngineException.of(
                    Reason.BUNDLE_TOO_LARGE, name + " has " + found + " bytes; the limit is " + maxBytes);
        }
        return bytes(file, name, found);
    }

    /** Reads a listed file and compares it with the list. */
    byte[] read(File listed) throws EngineException {
        String path = shown(listed.getPath());
        Path file = resolve(listed.getPath());
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw EngineException.of(Reason.BUNDLE_FILE_MISSING, path + " is listed but not there");
        }
        long found = length(file, path);
        if (found != listed.getBytes()) {
            throw sizeMismatch(path, listed.getBytes(), found);
        }
        byte[] bytes = bytes(file, path, found);
        String digest = Sha256.hex(bytes);
        if (!digest.equals(listed.getSha256())) {
            throw EngineException.of(
                    Reason.BUNDLE_FILE_CORRUPT,
                    path + " does not have the listed digest: listed sha256 " + listed.getSha256() + ", found " + digest);
        }
        return bytes;
    }

    /** Walks the path down from the directory, so that a link at any depth is seen. */
    private Path resolve(String path) throws EngineException {
        checkRelative(path);
        Path at = directory;
        for (String component : path.split("/")) {
            at = at.resolve(component);
            if (Files.isSymbolicLink(at)) {
                throw EngineException.of(Reason.BUNDLE_PATH_ESCAPES, shown(path) + " is a link or lies behind one");
            }
        }
        return at;
    }

    /** Refuses paths that are not plain relative ones on every system. */
    static void checkRelative(String path) throws EngineException {
        if (path.startsWith("/") || path.contains("\\") || path.contains(":") || path.indexOf('\0') >= 0) {
            throw EngineException.of(
                    Reason.BUNDLE_PATH_ESCAPES, "a listed path is absolute, or has a character that paths must not have");
        }
        for (String component : path.split("/", -1)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                throw EngineException.of(
                        Reason.BUNDLE_PATH_ESCAPES,
                        "the listed path \"" + shown(path) + "\" has an empty, \".\" or \"..\" component");
            }
        }
    }

    private static long length(Path file, String path) throws EngineException {
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                throw EngineException.of(Reason.BUNDLE_FILE_MISSING, path + " is not a regular file");
            }
            return Files.size(file);
        } catch (IOException unreadable) {
            throw unreadable(path, unreadable);
        }
    }

    private static byte[] bytes(Path file, String path, long expected) throws EngineException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(Math.toIntExact(expected + 1)); // one more shows a file that grows meanwhile
            if (bytes.length != expected) {
                throw sizeMismatch(path, expected, bytes.length);
            }
            return bytes;
        } catch (IOException unreadable) {
            throw unreadable(path, unreadable);
        }
    }

    private static EngineException sizeMismatch(String path, long listed, long found) {
        return EngineException.of(
                Reason.BUNDLE_FILE_SIZE_MISMATCH,
                path + " does not have the listed length: listed " + listed + " bytes, found " + found);
    }

    private static EngineException unreadable(String path, IOException cause) {
        return EngineException.caused(Reason.BUNDLE_FILE_MISSING, path + " cannot be read", cause);
    }

    /** A path as it may stand in a message: short, and printable characters only. */
    private static String shown(String path) {
        String printable = path.replaceAll("[^\\x20-\\x7E]", "?");
        return printable.length() <= SHOWN_PATH ? printable : printable.substring(0, SHOWN_PATH) + "...";
    }
}
