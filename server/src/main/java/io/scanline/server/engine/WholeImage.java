package io.scanline.server.engine;

import java.util.Arrays;
import java.util.Optional;

/** An image whose values the decoder makes at once: none of them, and then all. */
abstract class WholeImage implements ImageProgress {
    private static final byte[] NONE = {};

    private final int index;
    private volatile byte[] values = NONE;
    private volatile ImageResult result;

    WholeImage(int index) {
        this.index = index;
    }

    /** The decoder has made it; of no consequence when it was given up. */
    final synchronized void finish(byte[] decoded, ImageResult found) {
        if (result == null) {
            values = decoded;
            result = found;
        }
    }

    /** It will not be made; false: it has ended. */
    final synchronized boolean giveUp(ImageResult why) {
        boolean first = result == null;
        result = first ? why : result;
        return first;
    }

    @Override
    public final int index() {
        return index;
    }

    @Override
    public final int decided() {
        return values.length;
    }

    @Override
    public final byte[] values(int from, int to) {
        byte[] decided = values;
        if (from < 0 || from > to || to > decided.length) {
            throw new IndexOutOfBoundsException("values " + from + " to " + to + " of " + decided.length);
        }
        return Arrays.copyOfRange(decided, from, to);
    }

    @Override
    public final Optional<ImageResult> result() {
        return Optional.ofNullable(result);
    }
}
