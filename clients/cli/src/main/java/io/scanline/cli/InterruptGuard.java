package io.scanline.cli;

import java.util.concurrent.atomic.AtomicBoolean;

/** Does something when the user stops the command (Ctrl-C, SIGTERM) while this is open. */
final class InterruptGuard implements AutoCloseable {
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final Thread hook;

    InterruptGuard(Runnable action) {
        hook = new Thread(() -> {
            interrupted.set(true);
            action.run();
        });
        Runtime.getRuntime().addShutdownHook(hook);
    }

    boolean interrupted() {
        return interrupted.get();
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is going down: the hook runs, and that is what it is for.
            interrupted.set(true);
        }
    }
}
