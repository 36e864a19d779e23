package io.scanline.server.engine;

/** Waits for threads that are known to end soon. */
final class Threads {
    private Threads() {}

    /** Waits for the end of a thread; an interrupt is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
