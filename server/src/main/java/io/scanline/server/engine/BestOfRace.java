package io.scanline.server.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which images of a request are kept. At the end of a row an image is abandoned when at least {@code keep} images of
 * lower index had, at the same place, a log-likelihood more than the margin above its own; when all have ended the
 * likeliest are kept. Because every image remembers what it had at every row, the outcome is the same whether the
 * images grow side by side or one after the other.
 *
 * <p>An image that was cancelled from outside is as if it had never been. Of the decode lane's thread, which holds the
 * lane's lock while it judges, but for {@link #settle}, which whoever ends the last image calls under that lock.
 */
final class BestOfRace {
    private final BestOf rule;
    private final int rowLength;
    private final List<ImageTask> images;
    private final double[][] likelihoods; // [images,rows], at the end of each row, in nats
    private final int[] reached; // rows that have ended
    private final int[] judged; // rows after which an image was let go on

    /**
     * @param images of one request, by index
     * @param rowLength values of a row
     */
    BestOfRace(BestOf rule, List<ImageTask> images, int rows, int rowLength) {
        this.rule = rule;
        this.rowLength = rowLength;
        this.images = images;
        this.likelihoods = new double[images.size()][rows];
        this.reached = new int[images.size()];
        Arrays.fill(reached, images.get(0).decided() / rowLength); // rows that are given: nothing was drawn in them
        this.judged = new int[images.size()];
    }

    /** An image has a value more; true: with it a row ended. */
    boolean advance(ImageTask image) {
        int index = image.index();
        int before = reached[index];
        int ended = image.decided() / rowLength;
        while (reached[index] < ended) {
            likelihoods[index][reached[index]++] = image.logLikelihood();
        }
        return ended > before;
    }

    /** Gives up images that have fallen behind and are still growing. */
    void judge() {
        for (ImageTask image : images) { // those that others are measured by come first
            if (growing(image) && fellBehind(image.index())) {
                image.giveUp(FinishReason.ABANDONED);
            }
        }
    }

    /** A complete one is not: how it stands is known when all have ended, and is the same then. */
    private static boolean growing(ImageTask image) {
        return !image.givenUp() && !image.complete();
    }

    private boolean fellBehind(int index) {
        while (judged[index] < reached[index] && othersReached(index, judged[index])) {
            int row = judged[index];
            int ahead = 0;
            for (int other = 0; other < index; other++) {
                boolean counts = reached[other] > row && !images.get(other).givenUp(FinishReason.CANCELLED);
                if (counts && likelihoods[other][row] > likelihoods[index][row] + rule.marginNats()) {
                    ahead++;
                }
            }
            if (ahead >= rule.keep()) {
                reached[index] = row + 1; // what it had later must not count against others
                return true;
            }
            judged[index]++;
        }
        return false;
    }

    /** Whether all of lower index, but for those that have ended, are as far. */
    private boolean othersReached(int index, int row) {
        for (int other = 0; other < index; other++) {
            if (reached[other] <= row && growing(images.get(other))) {
                return false;
            }
        }
        return true;
    }

    /** All images have ended: the likeliest of those that are complete are kept, of equals those of lower index. */
    void settle() {
        List<ImageTask> complete = images.stream()
                .filter(image -> !image.givenUp())
                .sorted(Comparator.comparingDouble(ImageTask::logLikelihood).reversed())
                .toList(); // the sort is stable
        for (int rank = 0; rank < complete.size(); rank++) {
            complete.get(rank).settle(rank < rule.keep() ? FinishReason.COMPLETE : FinishReason.ABANDONED);
        }
    }
}
