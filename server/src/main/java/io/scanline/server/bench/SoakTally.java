package io.scanline.server.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** What became of the streams of a soak. */
final class SoakTally {
    private static final int MOST_FAULTS = 20; // that are told one by one

    private final long begun = System.nanoTime();
    private final Map<String, Long> streams = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();
    private long finished;
    private long equal;
    private long lost;
    private long repeated;
    private long faulty;

    /** One more of a kind. */
    synchronized void count(String kind) {
        streams.merge(kind, 1L, Long::sum);
    }

    /**
     * Compares what a reader has with what it must have.
     *
     * @param image all values that it must have in the end
     * @param whole whether this is the end
     */
    synchronized void check(String what, PixelLedger got, byte[] image, boolean whole) {
        lost += got.lost();
        repeated += got.repeated();
        boolean same = got.beginsLike(image) && (got.complete() || !whole);
        finished += whole ? 1 : 0;
        equal += whole && same ? 1 : 0;
        if (!same || got.lost() > 0 || got.repeated() > 0) {
            fault(what + ": " + got.received() + " of " + image.length + " values, " + got.lost() + " lost, "
                    + got.repeated() + " repeated, " + (got.beginsLike(image) ? "equal" : "others") + " so far");
        }
    }

    /** Something that must not happen did. */
    synchronized void fault(String what) {
        faulty++;
        if (faults.size() < MOST_FAULTS) {
            faults.add(String.format(
                    Locale.ROOT, "after %d s: %s", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun), what));
        }
    }

    /** The first of the things that must not have happened, and how many there were besides. */
    synchronized List<String> faults() {
        List<String> told = new ArrayList<>(faults);
        if (faulty > faults.size()) {
            told.add("and " + (faulty - faults.size()) + " more");
        }
        return told;
    }

    /** All of them. */
    synchronized long faulty() {
        return faulty;
    }

    /** Images that were read to the end. */
    synchronized long finished() {
        return finished;
    }

    /** Those of them that are what they must be. */
    synchronized long equal() {
        return equal;
    }

    /** Streams by what became of them. */
    @Override
    public synchronized String toString() {
        return finished + " images read to the end, " + equal + " equal, " + lost + " values lost, " + repeated
                + " repeated; " + streams;
    }
}
