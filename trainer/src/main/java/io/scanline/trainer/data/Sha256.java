package io.scanline.trainer.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A sink that takes the sha256 of everything written to it. */
public final class Sha256 extends OutputStream {
    private final MessageDigest digest;

    Sha256() {
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        }
    }

    /** Digest of a file, in hexadecimal. */
    public static String of(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                Sha256 digest = new Sha256()) {
            in.transferTo(digest);
            return digest.hexadecimal();
        }
    }

    @Override
    public void write(int value) {
        digest.update((byte) value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
    }

    /** The digest in lower-case hexadecimal; starts afresh. */
    String hexadecimal() {
        return HexFormat.of().formatHex(digest.digest());
    }
}
