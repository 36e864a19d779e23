package io.scanline.server.engine;

import io.scanline.server.runtime.GraphException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the vectors of the texts of admitted requests on a thread of its own, so that no step of an image waits for a
 * text: one text a request, in the order of their coming. The decode lane bounds who is admitted, and so what waits here;
 * of a request that was given up meanwhile nothing is computed.
 */
final class PromptLane implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(PromptLane.class);

    private final TextConditioner conditioner;
    private final float[] empty;
    private final long nanos;
    private final ThreadPoolExecutor executor;

    /** Told what became of a text, on this lane's thread or, when the lane is closed, on the caller's. */
    interface Reader {
        /** Whether the text is wanted still. */
        boolean waits();

        /** @param took nanoseconds of the run that read it; told first */
        default void ran(long took) {}

        /** @param condition its vector, float[D] */
        void read(float[] condition);

        void failed(EngineException why);
    }

    /** Times one text. */
    PromptLane(LoadedPrompts prompts, String name) throws GraphException {
        this.conditioner = prompts.newConditioner();
        this.empty = prompts.empty();
        int[] ids = prompts.reader().ids("");
        long begun = System.nanoTime();
        try {
            conditioner.condition(ids);
        } catch (GraphException failed) {
            conditioner.close();
            throw failed;
        }
        this.nanos = System.nanoTime() - begun;
        this.executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), body -> {
            Thread thread = new Thread(body, "prompt-" + name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Vector of the empty text: float[D], not to be changed. */
    float[] empty() {
        return empty;
    }

    /** What one text took when it was timed. */
    long nanos() {
        return nanos;
    }

    /** Reads a text when its turn comes, unless nobody waits for it then. */
    void read(int[] ids, Reader reader) {
        try {
            executor.execute(() -> run(ids, reader));
        } catch (RejectedExecutionException closed) {
            reader.failed(EngineException.caused(Reason.SHUTTING_DOWN, "the server is shutting down", closed));
        }
    }

    private void run(int[] ids, Reader reader) {
        if (!reader.waits()) {
            return;
        }
        try {
            long begun = System.nanoTime();
            float[] condition = conditioner.condition(ids);
            reader.ran(System.nanoTime() - begun);
            reader.read(condition);
        } catch (GraphException | RuntimeException | Error failure) {
            log.error("A text could not be read", failure);
            reader.failed(EngineException.caused(Reason.INTERNAL, "a run of the model failed", failure));
        }
    }

    /** To be closed after the decode lane, which has then ended all that waits. */
    @Override
    public void close() {
        executor.shutdownNow();
        Threads.awaitEnd(executor);
        conditioner.close();
    }
}
