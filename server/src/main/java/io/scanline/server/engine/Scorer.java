package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes exact likelihoods of given images on a thread of its own; the images of the decode lane are not held up but
 * for the cores that both share.
 */
final class Scorer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Scorer.class);

    /** Images at once where they are scored step by step: enough that a step costs an image little. */
    static final int STEPPED_IMAGES = 16;

    private final String name;
    private final int maxImages;
    private final OpenWork work;
    private final Likelihoods likelihoods; // closed by the caller
    private final TextConditioner conditioner; // null: there are no texts; of the executor's thread only
    private final ThreadPoolExecutor executor;
    private int open; // images at hand, guarded by this
    private volatile long imageNanos; // measured time of one image; 0: not measured yet
    private volatile boolean closing;

    /**
     * @param decoding tells how likely values are; closed by the caller after this
     * @param maxImages images that may be at hand at a time, the one being scored included
     */
    Scorer(VariantDecoding decoding, int maxImages, OpenWork work) throws GraphException {
        this.name = decoding.bundle().getName() + "-" + decoding.bundle().getVersion();
        this.maxImages = maxImages;
        this.work = work;
        this.conditioner = decoding.prompts().isEmpty() ? null : decoding.prompts().get().newConditioner();
        this.likelihoods = decoding.likelihoods();
        this.executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), body -> {
            Thread thread = new Thread(body, "score-" + name + "-" + decoding.variant());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Images that may be at hand at a time: as many as may be drawn or wait to be. */
    static int most(EngineConfig config) {
        return (int) Math.min(Integer.MAX_VALUE, (long) config.slots() + config.maxQueuedImages());
    }

    /** Images to score under one class, or one text. */
    private final class Job implements Runnable {
        private final int label;
        private final Optional<CheckedPrompt> prompt;
        private final int count;
        private final long deadlineNanos;
        private final CompletableFuture<List<ImageScore>> answer = new CompletableFuture<>();
        private List<byte[]> images; // known before it runs
        private boolean released; // guarded by the scorer

        Job(int label, Optional<CheckedPrompt> prompt, int count, long deadlineNanos) {
            this.label = label;
            this.prompt = prompt;
            this.count = count;
            this.deadlineNanos = deadlineNanos;
        }

        @Override
        public void run() {
            try {
                check();
                float[] condition = prompt.isEmpty() ? new float[0] : conditioner.condition(prompt.get().ids());
                List<ImageScore> scores = new ArrayList<>(images.size());
                for (int from = 0; from < images.size(); from += likelihoods.atOnce()) {
                    int to = Math.min(images.size(), from + likelihoods.atOnce());
                    long begun = System.nanoTime();
                    scores.addAll(likelihoods.score(images.subList(from, to), label, condition, this::check));
                    long took = (System.nanoTime() - begun) / (to - from);
                    imageNanos = imageNanos == 0 ? took : imageNanos + (took - imageNanos) / 4;
                }
                release(this); // before the answer is there, so that whoever has it finds room for the next
                answer.complete(scores);
            } catch (EngineException ended) {
                answer.completeExceptionally(ended);
            } catch (GraphException | RuntimeException | Error failed) {
                log.error("Scoring with {} failed", name, failed);
                answer.completeExceptionally(EngineException.of(Reason.INTERNAL, "a run of the model failed"));
            }
        }

        /** Asked between two runs: whether going on makes sense. */
        private void check() throws EngineException {
            if (closing) {
                throw OpenWork.shuttingDown();
            }
            if (answer.isDone()) {
                throw EngineException.of(Reason.CANCELLED, "the request was cancelled");
            }
            if (Deadline.passed(deadlineNanos, System.nanoTime())) {
                throw Deadline.exceeded();
            }
        }
    }

    CompletableFuture<List<ImageScore>> submit(
            int label, Optional<CheckedPrompt> prompt, List<byte[]> images, long deadlineNanos)
            throws EngineException {
        List<byte[]> copies = images.stream().map(byte[]::clone).toList();
        return submit(label, prompt, copies.size(), CompletableFuture.completedFuture(copies), deadlineNanos);
    }

    /**
     * Admits images that are not known yet.
     *
     * @param images completes with so many of them; the scores fail as it does
     */
    CompletableFuture<List<ImageScore>> submit(
            int label, Optional<CheckedPrompt> prompt, int count, CompletableFuture<List<byte[]>> images,
            long deadlineNanos) throws EngineException {
        Job job = new Job(label, prompt, count, deadlineNanos);
        work.begin();
        boolean admitted = false;
        try {
            admit(count, deadlineNanos);
            admitted = true;
        } finally {
            if (!admitted) {
                work.end();
            }
        }
        job.answer.whenComplete((scores, failure) -> leave(job));
        images.whenComplete((known, failure) -> begin(job, known, failure));
        return job.answer;
    }

    private void begin(Job job, List<byte[]> images, Throwable failure) {
        if (failure != null) {
            job.answer.completeExceptionally(failure);
            return;
        }
        job.images = images;
        try {
            executor.execute(job);
        } catch (RejectedExecutionException closed) {
            job.answer.completeExceptionally(OpenWork.shuttingDown());
        }
    }

    private synchronized void admit(int count, long deadlineNanos) throws EngineException {
        if (open + count > maxImages) {
            throw EngineException.retry(
                    Reason.QUEUE_FULL,
                    Admission.retry((open + count - maxImages) * imageNanos),
                    open + " images are waiting to be scored; there is no room for " + count + " more");
        }
        if (Deadline.exists(deadlineNanos)) {
            long left = deadlineNanos - System.nanoTime();
            Admission.checkReachable((open + count) * imageNanos, count * imageNanos, left);
        }
        open += count;
    }

    /** Gives a job's room back, once. */
    private synchronized void release(Job job) {
        if (!job.released) {
            job.released = true;
            open -= job.count;
        }
    }

    private void leave(Job job) {
        release(job);
        executor.remove(job); // a cancelled job must not lie in the queue
        work.end();
    }

    @Override
    public void close() {
        closing = true;
        for (Runnable waiting : executor.shutdownNow()) {
            ((Job) waiting).answer.completeExceptionally(OpenWork.shuttingDown());
        }
        Threads.awaitEnd(executor);
        if (conditioner != null) {
            conditioner.close();
        }
    }
}
