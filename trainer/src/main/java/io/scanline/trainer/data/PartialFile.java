package io.scanline.trainer.data;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of a download so far, and the validator of the server that sent them. Its name carries the pinned digest,
 * so that parts of another version of the file are never taken up.
 */
final class PartialFile {
    private final Path path;
    private final Path validator;
    private final long limit;

    PartialFile(Path target, RemoteFile file) {
        String name = file.name() + "." + file.sha256().substring(0, 12) + ".part";
        this.path = target.resolveSibling(name);
        this.validator = target.resolveSibling(name + ".validator");
        this.limit = file.bytes();
    }

    Path path() {
        return path;
    }

    /** Bytes present; 0 when there is no part. */
    long size() throws IOException {
        return Files.exists(path) ? Files.size(path) : 0;
    }

    /** Size of the complete file: a server that sends more has another file. */
    long limit() {
        return limit;
    }

    String sha256() throws IOException {
        return Sha256.of(path);
    }

    /** A stream that writes after the bytes present. */
    OutputStream append() throws IOException {
        return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** The validator that this address gave with the bytes present, if it gave one. */
    Optional<String> validatorOf(URI address) throws IOException {
        if (!Files.exists(validator)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(validator);
        return lines.size() == 2 && lines.get(0).equals(address.toString())
                ? Optional.of(lines.get(1))
                : Optional.empty();
    }

    /** Forgets the bytes present and takes those to come from this address. */
    void restart(URI address, Optional<String> newValidator) throws IOException {
        discard();
        if (newValidator.isPresent()) {
            Files.write(validator, List.of(address.toString(), newValidator.get()));
        }
    }

    /** Removes the part and its validator. */
    void discard() throws IOException {
        Files.deleteIfExists(path);
        Files.deleteIfExists(validator);
    }
}
