package io.scanline.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, with a bound. */
final class Await {
    private static final long BOUND_NANOS = 60_000_000_000L;
    private static final long LOOK_NANOS = 200_000;

    private Await() {}

    /** Returns as soon as the condition holds; fails the test when it does not in a minute. */
    static void until(String what, BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - begun).as("waited too long until " + what).isLessThan(BOUND_NANOS);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /** Waits for the end of a generation, complete or not. */
    static void end(Generation generation) {
        until(
                "the generation has ended",
                () -> generation.failure().isPresent()
                        || generation.images().stream().allMatch(image -> image.result().isPresent()));
    }
}
