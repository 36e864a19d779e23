package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * The order of one request's images by how near they are to its prompt. Each is embedded as soon as it comes, and when
 * all have come or were given up, and all answers are there, the places are known. Safe for use by any thread.
 */
final class Ranking {
    private final ImageRanker ranker; // null: nothing is ranked
    private final String text;
    private final CompletableFuture<List<Optional<ImageRank>>> ranks = new CompletableFuture<>();
    private final StageClock texts = new StageClock();
    private final StageClock images = new StageClock();
    private final List<CompletableFuture<float[]>> asked = new ArrayList<>(); // guarded by this
    private final float[][] found; // by image; guarded by this
    private float[] prompt; // guarded by this; null: not embedded yet, or nothing is ranked
    private int toCome; // images, and the text; guarded by this
    private int unanswered; // inputs that have come; guarded by this

    /** @param ranker has room for the text and so many images */
    Ranking(ImageRanker ranker, String text, int count) {
        this.ranker = ranker;
        this.text = text;
        this.found = new float[count][];
        this.toCome = count + (ranker == null ? 0 : 1);
        ranks.whenComplete((order, failure) -> leave());
    }

    /** Ranks nothing: is done when all images have come or were given up. */
    static Ranking none(int count) {
        return new Ranking(null, "", count);
    }

    /** The request was admitted: its text is embedded from now on. */
    void begin() {
        if (ranker != null && comes()) {
            await(ranker.text(text, texts), vector -> prompt = vector);
        }
    }

    /**
     * By image how it stands, empty of those that are not ranked. Completes exceptionally with an
     * {@link EngineException}, or a {@link java.util.concurrent.TimeoutException} at its deadline.
     */
    CompletableFuture<List<Optional<ImageRank>>> ranks() {
        return ranks;
    }

    /** Time that it takes at most once the last image is complete, with nobody else there. */
    long nanosAfter() {
        return ranker == null ? 0 : ranker.nanos(found.length);
    }

    /** Runs of the text encoder. */
    StageClock texts() {
        return texts;
    }

    /** Runs of the image encoder. */
    StageClock images() {
        return images;
    }

    /** Ends it then, unless it has ended. */
    void expire(long deadlineNanos) {
        if (Deadline.exists(deadlineNanos)) {
            ranks.orTimeout(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    /** Ends it early; false: it had ended. */
    boolean end(EngineException why) {
        return ranks.completeExceptionally(why);
    }

    /**
     * An image is complete.
     *
     * @param values all of them, which nobody changes any more
     */
    void take(int index, byte[] values) {
        if (ranker == null) {
            forgo();
        } else if (comes()) {
            await(ranker.image(values, images), vector -> found[index] = vector);
        }
    }

    /** An image was given up. */
    void forgo() {
        synchronized (this) {
            if (ranks.isDone()) {
                return; // room for it was given back with that for all the others
            }
            toCome--;
        }
        if (ranker != null) {
            ranker.forgo(1);
        }
        finish();
    }

    private synchronized boolean comes() {
        if (ranks.isDone()) {
            return false;
        }
        toCome--;
        unanswered++;
        return true;
    }

    private void await(CompletableFuture<float[]> answer, Consumer<float[]> keeper) {
        boolean unwanted;
        synchronized (this) {
            asked.add(answer);
            unwanted = ranks.isDone();
        }
        if (unwanted) {
            answer.cancel(false);
        }
        answer.whenComplete((vector, failure) -> {
            if (failure != null) {
                ranks.completeExceptionally(failure);
                return;
            }
            synchronized (this) {
                keeper.accept(vector);
                unanswered--;
            }
            finish();
        });
    }

    private void finish() {
        List<Optional<ImageRank>> order;
        synchronized (this) {
            if (toCome > 0 || unanswered > 0) {
                return;
            }
            order = order();
        }
        ranks.complete(order);
    }

    /** The likest first, of equals those of lower index. */
    private List<Optional<ImageRank>> order() {
        List<Optional<ImageRank>> order = new ArrayList<>(Collections.nCopies(found.length, Optional.empty()));
        float[] likeness = new float[found.length];
        for (int i = 0; i < found.length; i++) {
            likeness[i] = found[i] == null ? 0 : (float) Cosines.cosine(found[i], prompt);
        }
        List<Integer> best = IntStream.range(0, found.length)
                .filter(i -> found[i] != null)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> likeness[i]).reversed()) // the sort is stable
                .toList();
        for (int place = 0; place < best.size(); place++) {
            int index = best.get(place);
            order.set(index, Optional.of(new ImageRank(place + 1, likeness[index])));
        }
        return List.copyOf(order);
    }

    /** Gives up what is under way, and room for what did not come. */
    private void leave() {
        List<CompletableFuture<float[]>> unwanted;
        int unused;
        synchronized (this) {
            unwanted = List.copyOf(asked);
            unused = toCome;
            toCome = 0;
        }
        unwanted.forEach(answer -> answer.cancel(false));
        if (ranker != null) {
            ranker.forgo(unused);
        }
    }
}
