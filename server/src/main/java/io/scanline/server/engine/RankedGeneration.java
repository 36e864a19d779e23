package io.scanline.server.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A generation of a pipeline: one of its prior, in the prior's own lanes, whose images are ranked as they are
 * completed. Whichever part ends early ends the other; the reason that the ranking has first is that of the generation.
 *
 * <p>No lock is held while a part is told of the other's, so that each may be told by the other.
 */
final class RankedGeneration implements Generation {
    private final Owner pipeline;
    private final Ranking ranking;
    private final ProgressListener listener;
    private final List<ImageProgress> open = new ArrayList<>(); // drawn images that have not ended; guarded by this
    private volatile List<RankedImage> images = List.of();
    private volatile PriorTask drawn; // null: not admitted yet
    private volatile EngineException failure;

    RankedGeneration(Owner pipeline, Ranking ranking, ProgressListener listener) {
        this.pipeline = pipeline;
        this.ranking = ranking;
        this.listener = listener;
    }

    /** What it is of. */
    interface Owner {
        ModelInfo info();

        /** What its stages took so far. */
        List<StageTime> times(PriorTask drawn, Ranking ranking);

        /** A generation that was admitted has ended. */
        void ended(RankedGeneration generation);
    }

    /** The prior draws it from now on. What it told of before is caught up with. */
    void begin(PriorTask admitted) {
        images = admitted.images().stream().map(image -> new RankedImage(image, ranking.ranks())).toList();
        synchronized (this) {
            open.addAll(admitted.images());
        }
        drawn = admitted;
        ranking.expire(admitted.deadlineNanos());
        ranking.begin();
        ranking.ranks().whenComplete((order, failed) -> end(failed));
        follow();
    }

    /** Told by the lanes of the prior. */
    void progressed() {
        follow();
        listener.progressed();
    }

    /** Brings the ranking to where the images are. */
    private void follow() {
        PriorTask task = drawn;
        if (task == null) {
            return;
        }
        Optional<EngineException> failed = task.failure();
        if (failed.isPresent()) {
            ranking.end(failed.get());
            return;
        }
        for (ImageProgress image : ended()) {
            if (image.result().orElseThrow().finishReason() == FinishReason.COMPLETE) {
                ranking.take(image.index(), image.values(0, image.decided()));
            } else {
                ranking.forgo();
            }
        }
    }

    /** Takes the images that have ended since; asked at every step, of which next to none ends one. */
    private synchronized List<ImageProgress> ended() {
        List<ImageProgress> ended = List.of();
        for (int i = open.size() - 1; i >= 0; i--) {
            if (open.get(i).result().isPresent()) {
                ended = ended.isEmpty() ? new ArrayList<>() : ended;
                ended.add(open.remove(i));
            }
        }
        return ended;
    }

    /** All is ranked, or will not be. */
    private void end(Throwable failed) {
        if (failed != null) {
            failure = failed instanceof TimeoutException ? Deadline.exceeded() : reason(failed);
            drawn.end(failure);
        }
        pipeline.ended(this);
        listener.progressed();
    }

    private static EngineException reason(Throwable failed) {
        return failed instanceof EngineException known
                ? known
                : EngineException.caused(Reason.INTERNAL, "ranking failed", failed);
    }

    @Override
    public String id() {
        return drawn.id();
    }

    @Override
    public ModelInfo model() {
        return pipeline.info();
    }

    @Override
    public long seed() {
        return drawn.seed();
    }

    @Override
    public String precision() {
        return drawn.precision();
    }

    @Override
    public int queuePosition() {
        return drawn.queuePosition();
    }

    @Override
    public long etaMillis() {
        return drawn.etaMillis(); // the ranking included, which its lanes were told of
    }

    @Override
    public Optional<Standing> waiting() {
        long after = TimeUnit.NANOSECONDS.toMillis(ranking.nanosAfter() + 999_999);
        return drawn.waiting()
                .map(drawing -> new Standing(drawing.queuePosition(), drawing.etaMillis() + after));
    }

    @Override
    public Optional<CheckedPrompt> prompt() {
        return drawn.prompt();
    }

    @Override
    public List<? extends ImageProgress> images() {
        return images;
    }

    @Override
    public Optional<EngineException> failure() {
        return Optional.ofNullable(failure);
    }

    @Override
    public int end(EngineException why) {
        int unended = (int) images.stream().filter(image -> image.result().isEmpty()).count();
        return ranking.end(why) ? unended : 0;
    }

    /** An image whose values are all there has ended, though it may not be ranked yet. */
    @Override
    public boolean cancel(int image) {
        return drawn.cancel(image);
    }

    @Override
    public void pause() {
        drawn.pause();
    }

    @Override
    public void proceed() {
        drawn.proceed();
    }

    @Override
    public List<StageTime> stages() {
        return pipeline.times(drawn, ranking);
    }
}
