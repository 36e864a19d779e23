package io.scanline.contract;

import java.io.IOException;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory, for the decoders of pictures. Some of them go on for long after the end of a file that is cut off:
 * a few reads there are harmless, and more of them are an error that is no mere end.
 */
final class FileInMemory extends ImageInputStreamImpl {
    private static final int READS_AFTER_THE_END = 64;

    private final byte[] file;
    private int readsAfterTheEnd;

    FileInMemory(byte[] file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        checkClosed();
        bitOffset = 0;
        return ended() ? -1 : file[(int) streamPos++] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        checkClosed();
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (ended()) {
            return -1;
        }
        int count = (int) Math.min(length, file.length - streamPos);
        System.arraycopy(file, (int) streamPos, bytes, offset, count);
        streamPos += count;
        return count;
    }

    private boolean ended() throws IOException {
        boolean ended = streamPos >= file.length;
        if (ended && ++readsAfterTheEnd > READS_AFTER_THE_END) {
            throw new IOException("it ends too early");
        }
        return ended;
    }

    @Override
    public long length() {
        return file.length;
    }
}
