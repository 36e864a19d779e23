package io.scanline.server.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.scanline.bundle.v1.Bundle;
import io.scanline.bundle.v1.File;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Reads one bundle directory and refuses it unless the description is sound and every listed file is as listed. */
public final class BundleReader {
    /** Name of the description. */
    static final String DESCRIPTION = "bundle.json";

    private static final long MAX_DESCRIPTION_BYTES = 4L << 20;

    private BundleReader() {}

    /**
     * Reads a bundle into memory. Files of the directory that are not listed are not looked at.
     *
     * @param directory the bundle's directory, NAME/VERSION
     * @param maxBytes limit for all of it
     * @throws EngineException BUNDLE_* with the first fault found, in words that name the file and no absolute path
     */
    public static VerifiedBundle read(Path directory, long maxBytes) throws EngineException {
        BundleFiles files = new BundleFiles(directory);
        byte[] json = files.readDescription(DESCRIPTION, Math.min(maxBytes, MAX_DESCRIPTION_BYTES));
        Bundle bundle = parse(json);
        Path named = directory.toAbsolutePath().normalize();
        BundleDescription.check(bundle, fileName(named.getParent()), fileName(named));
        Map<String, byte[]> contents = contents(bundle, files, json.length, maxBytes);
        GoldenDescription.checkFiles(bundle, contents);
        return new VerifiedBundle(bundle, "sha256:" + Sha256.hex(json), contents);
    }

    /** Reads nothing but the description, as it is. */
    static Bundle description(Path directory, long maxBytes) throws EngineException {
        return parse(new BundleFiles(directory)
                .readDescription(DESCRIPTION, Math.min(maxBytes, MAX_DESCRIPTION_BYTES)));
    }

    /** Reads the files of a description that has no golden samples yet, and no digest. */
    static VerifiedBundle unproved(Bundle bundle, Path directory, long maxBytes) throws EngineException {
        BundleDescription.check(bundle, fileName(directory.getParent()), fileName(directory), false);
        return new VerifiedBundle(bundle, "", contents(bundle, new BundleFiles(directory), 0, maxBytes));
    }

    private static Map<String, byte[]> contents(Bundle bundle, BundleFiles files, long descriptionBytes, long maxBytes)
            throws EngineException {
        checkSize(bundle, descriptionBytes, maxBytes);
        Map<String, byte[]> contents = new HashMap<>();
        for (File file : bundle.getFilesList()) {
            contents.put(file.getPath(), files.read(file));
        }
        return contents;
    }

    private static Bundle parse(byte[] json) throws EngineException {
        Bundle.Builder bundle = Bundle.newBuilder();
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
            JsonFormat.parser().merge(text, bundle);
        } catch (CharacterCodingException invalid) {
            throw EngineException.caused(
                    Reason.BUNDLE_DESCRIPTION_INVALID, DESCRIPTION + " is not UTF-8 text", invalid);
        } catch (InvalidProtocolBufferException | RuntimeException invalid) {
            throw EngineException.caused(
                    Reason.BUNDLE_DESCRIPTION_INVALID,
                    DESCRIPTION + " is not the JSON of a bundle description: " + firstLine(invalid),
                    invalid);
        }
        return bundle.build();
    }

    private static void checkSize(Bundle bundle, long descriptionBytes, long maxBytes) throws EngineException {
        long total = descriptionBytes;
        for (File file : bundle.getFilesList()) {
            // Unsigned on the wire: a length above 2^63 must not count as a negative one.
            long left = maxBytes - total;
            if (Long.compareUnsigned(file.getBytes(), left) > 0 || file.getBytes() > Integer.MAX_VALUE - 8) {
                throw EngineException.of(
                        Reason.BUNDLE_TOO_LARGE, "the listed files have more bytes than the limit of " + maxBytes);
            }
            total += file.getBytes();
        }
    }

    private static String firstLine(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        String line = message.lines().findFirst().orElse("");
        return line.substring(line.indexOf("Exception: ") < 0 ? 0 : line.indexOf("Exception: ") + 11);
    }

    private static String fileName(Path path) {
        return path == null || path.getFileName() == null ? "" : path.getFileName().toString();
    }
}
