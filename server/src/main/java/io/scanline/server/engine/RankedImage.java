package io.scanline.server.engine;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** An image of a pipeline: that of its prior, whose result waits until it is known how it stands. */
final class RankedImage implements ImageProgress {
    private final ImageProgress drawn;
    private final CompletableFuture<List<Optional<ImageRank>>> ranks;

    /** @param ranks by image how it stands */
    RankedImage(ImageProgress drawn, CompletableFuture<List<Optional<ImageRank>>> ranks) {
        this.drawn = drawn;
        this.ranks = ranks;
    }

    @Override
    public int index() {
        return drawn.index();
    }

    @Override
    public int decided() {
        return drawn.decided();
    }

    @Override
    public byte[] values(int from, int to) {
        return drawn.values(from, to);
    }

    @Override
    public Optional<CodeProgress> codes() {
        return drawn.codes();
    }

    @Override
    public Optional<ImageResult> result() {
        return drawn.result().filter(result -> result.finishReason() != FinishReason.COMPLETE || known());
    }

    @Override
    public Optional<ImageRank> rank() {
        return known() ? ranks.join().get(index()) : Optional.empty();
    }

    private boolean known() {
        return ranks.isDone() && !ranks.isCompletedExceptionally();
    }
}
