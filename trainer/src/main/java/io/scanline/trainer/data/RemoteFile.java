package io.scanline.trainer.data;

import java.net.URI;
import java.util.List;

/**
 * A public file whose content is known.
 *
 * @param name file name in the cache, without directories
 * @param bytes its exact size
 * @param sha256 digest of the file as it is downloaded, 64 lower-case hexadecimal digits
 * @param addresses where it is found, best first
 */
public record RemoteFile(String name, long bytes, String sha256, List<URI> addresses) {
    /** Checks the form of the parts. */
    public RemoteFile {
        addresses = List.copyOf(addresses);
        if (name.isEmpty() || name.startsWith(".") || name.contains("/") || name.contains("\\")) {
            throw new IllegalArgumentException("not a plain file name: " + name);
        }
        if (bytes < 1) {
            throw new IllegalArgumentException(name + " cannot have " + bytes + " bytes");
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("not a sha256 in lower-case hexadecimal: " + sha256);
        }
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException(name + " has no address");
        }
    }
}
