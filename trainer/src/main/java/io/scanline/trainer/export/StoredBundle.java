package io.scanline.trainer.export;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import io.scanline.trainer.data.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A bundle that was read from its directory.
 *
 * @param bundle its description
 * @param onnx bytes of its step graph
 */
public record StoredBundle(Bundle bundle, byte[] onnx) {
    /** Path of the description in a bundle. */
    static final String DESCRIPTION = "bundle.json";

    /**
     * Reads a bundle whose files are as it says.
     *
     * @param directory NAME/VERSION, or NAME for its newest version
     * @throws IOException when there is none, or it is damaged
     */
    public static StoredBundle read(Path directory) throws IOException {
        Path root = root(directory);
        Bundle.Builder builder = Bundle.newBuilder();
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(Files.readString(root.resolve(DESCRIPTION)), builder);
        } catch (InvalidProtocolBufferException damaged) {
            throw new IOException(root.resolve(DESCRIPTION) + " is no description of a bundle: " + damaged.getMessage(), damaged);
        }
        Bundle bundle = builder.build();
        for (File file : bundle.getFilesList()) {
            if (!Sha256.of(inside(root, file.getPath())).equals(file.getSha256())) {
                throw new IOException(root.resolve(file.getPath()) + " is not the file that the bundle describes");
            }
        }
        try {
            return new StoredBundle(bundle, Files.readAllBytes(inside(root, StepSession.step(bundle).getFile())));
        } catch (IllegalArgumentException missing) {
            throw new IOException(root + ": " + missing.getMessage(), missing);
        }
    }

    private static Path root(Path directory) throws IOException {
        if (Files.exists(directory.resolve(DESCRIPTION))) {
            return directory;
        }
        Optional<Path> newest = Optional.empty();
        if (Files.isDirectory(directory)) {
            try (Stream<Path> versions = Files.list(directory)) {
                newest = versions.filter(version -> version.getFileName().toString().matches("[1-9][0-9]{0,8}"))
                        .filter(version -> Files.exists(version.resolve(DESCRIPTION)))
                        .max(Comparator.comparingInt(version -> Integer.parseInt(version.getFileName().toString())));
            }
        }
        return newest.orElseThrow(() ->
                new NoSuchFileException(directory.resolve(DESCRIPTION).toString(), null, "this is not a bundle"));
    }

    private static Path inside(Path root, String relative) throws IOException {
        Path path = root.resolve(relative).normalize();
        if (!path.startsWith(root.normalize())) {
            throw new IOException("the bundle names " + relative + ", outside of it");
        }
        return path;
    }
}
