package io.scanline.server.transport;

import io.scanline.server.engine.Generation;
import io.scanline.server.engine.Standing;
import io.scanline.v1.GenerateResponse;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;

/** Tells the reader of a generation about every second where it is, as long as it waits for its first slot. */
final class WaitingNews {
    private static final int INTERVAL_MILLIS = 1000;

    private final Generation generation;
    private volatile boolean due;
    private ScheduledFuture<?> clock; // null: it does not wait

    private WaitingNews(Generation generation) {
        this.generation = generation;
    }

    /** @param wake called when there may be something to send */
    static WaitingNews of(Generation generation, StreamWorkshop workshop, Runnable wake) {
        WaitingNews news = new WaitingNews(generation);
        if (generation.waiting().isPresent()) {
            news.clock = workshop.everyMillis(INTERVAL_MILLIS, () -> {
                news.due = true;
                wake.run();
            });
        }
        return news;
    }

    /** The message that is due; null: none. */
    GenerateResponse next() {
        if (!due) {
            return null;
        }
        due = false;
        Optional<Standing> standing = generation.waiting();
        if (standing.isEmpty()) {
            stop();
        }
        return standing.map(GenerationMessages::waiting).orElse(null);
    }

    void stop() {
        if (clock != null) {
            clock.cancel(false);
        }
    }
}
