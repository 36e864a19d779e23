package io.scanline.server.engine;

/**
 * Arithmetic on deadlines in {@link System#nanoTime()}, which may wrap around; {@link Long#MAX_VALUE} is no deadline.
 */
final class Deadline {
    private Deadline() {}

    static boolean exists(long deadlineNanos) {
        return deadlineNanos != Long.MAX_VALUE;
    }

    static boolean passed(long deadlineNanos, long now) {
        return exists(deadlineNanos) && now - deadlineNanos >= 0;
    }

    static long earlier(long one, long other) {
        return !exists(other) || exists(one) && one - other < 0 ? one : other;
    }

    static EngineException exceeded() {
        return EngineException.of(Reason.DEADLINE_EXCEEDED, "the deadline passed");
    }
}
