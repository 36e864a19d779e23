package io.scanline.server.bench;

import io.scanline.server.bench.OpenLoop.User;
import io.scanline.server.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * What iteration-level batching is compared with: a batch is formed of those who wait, nobody joins it, and the next
 * one is formed when all of it has gone. The same engine computes it.
 */
final class StaticBatches implements OpenLoop.Desk, AutoCloseable {
    private final OpenLoop users;
    private final int largest;
    private final LinkedBlockingQueue<User> waiting = new LinkedBlockingQueue<>();
    private final Thread clerk;

    /** @param largest users of one batch */
    StaticBatches(OpenLoop users, int largest) {
        this.users = users;
        this.largest = largest;
        this.clerk = new Thread(this::serve, "static-batches");
        clerk.setDaemon(true);
        clerk.start();
    }

    @Override
    public void take(User user) {
        waiting.add(user);
    }

    private void serve() {
        List<User> batch = new ArrayList<>();
        try {
            while (true) {
                batch.add(waiting.take());
                waiting.drainTo(batch, largest - 1);
                for (User user : batch) {
                    ask(user);
                }
                for (User user : batch) {
                    user.awaitEnd();
                }
                batch.clear();
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private void ask(User user) {
        try {
            user.ask();
        } catch (EngineException refused) {
            users.refused(refused);
        }
    }

    @Override
    public void close() throws InterruptedException {
        clerk.interrupt();
        clerk.join();
    }
}
