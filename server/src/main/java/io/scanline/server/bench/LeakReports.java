package io.scanline.server.bench;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.util.function.Consumer;

/**
 * Netty's reports of buffers that were collected as garbage before they were released. Netty follows one buffer in 128,
 * or all of them with {@code -Dio.netty.leakDetection.level=paranoid}, and reports one when the next is allocated after
 * a collection.
 */
final class LeakReports extends ResourceLeakDetectorFactory {
    private static final int MANY = 10_000; // each is followed, and Netty looks, with a chance of 1 in 128

    private final Consumer<String> reports;

    /** @param reports takes what leaked and where it was made; the same words come once */
    LeakReports(Consumer<String> reports) {
        this.reports = reports;
    }

    /**
     * Tells of the leaks of this process. Without effect after its first buffer: Netty asks for a detector once.
     *
     * @param reports takes what leaked and where it was made; the same words come once
     */
    static void tellTo(Consumer<String> reports) {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(new LeakReports(reports));
    }

    /** Allocates until Netty has looked for what was collected so far. */
    static void finish() {
        for (int i = 0; i < MANY; i++) {
            PooledByteBufAllocator.DEFAULT.directBuffer(1).release();
        }
    }

    @Override
    @Deprecated // by Netty, which leaves it abstract
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval, long most) {
        return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
        return new ResourceLeakDetector<>(resource, samplingInterval) {
            @Override
            protected boolean needReport() {
                return true; // however the log is set up
            }

            @Override
            protected void reportTracedLeak(String type, String records) {
                reports.accept(type + " was not released. " + records.strip());
            }

            @Override
            protected void reportUntracedLeak(String type) {
                reports.accept(type + " was not released");
            }
        };
    }
}
